package peer

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	spineapi "github.com/enbility/spine-go/api"
)

const sweepDelay = 100 * time.Millisecond

// Reading is one value of a use case that can be read from a remote entity.
type Reading struct {
	UseCase string
	Name    string
	Read    func(spineapi.EntityRemoteInterface) (any, error)
}

// ReadingOf makes a Reading of a typed function.
func ReadingOf[Value any](
	useCase, name string, read func(spineapi.EntityRemoteInterface) (Value, error),
) Reading {
	return Reading{useCase, name, func(from spineapi.EntityRemoteInterface) (any, error) {
		return read(from)
	}}
}

// readings remembers what was reported last, and which entities are due for a sweep.
type readings struct {
	mux     sync.Mutex
	watched []Reading
	last    map[string]string
	pending map[string]bool
}

// Watch reports these values whenever they have changed. The stack's own events leave some out:
// it decides by what it knows at that moment, and its handlers run in no particular order.
func (n *Node) Watch(watched ...Reading) {
	n.readings.mux.Lock()
	defer n.readings.mux.Unlock()
	n.readings.watched = append(n.readings.watched, watched...)
}

// ReportValue tells a value even if it is the same as before; nothing if it cannot be read.
func (n *Node) ReportValue(from spineapi.EntityRemoteInterface, reading Reading) {
	n.reportReading(from, reading, true)
}

// ReportAll tells every watched value of the peer, or of all if ski is empty.
func (n *Node) ReportAll(ski string) {
	for _, from := range n.RemoteEntities(ski) {
		n.sweep(from, true)
	}
}

func (n *Node) reportReading(from spineapi.EntityRemoteInterface, reading Reading, always bool) {
	value, err := reading.Read(from)
	if err != nil {
		return
	}
	key := fmt.Sprint(from.Device().Ski(), EntityAddress(from), reading.UseCase, reading.Name)
	if n.readings.note(key, value) || always {
		n.Report("value", Members{
			"ski": from.Device().Ski(), "entity": EntityAddress(from),
			"use_case": reading.UseCase, "name": reading.Name, "value": value,
		})
	}
}

// note remembers a value and returns whether it differs from the last one.
func (r *readings) note(key string, value any) bool {
	text, _ := json.Marshal(value)
	r.mux.Lock()
	defer r.mux.Unlock()
	changed := r.last[key] != string(text)
	r.last[key] = string(text)
	return changed
}

// forget makes every value of an entity new again.
func (n *Node) forgetReadings(from spineapi.EntityRemoteInterface) {
	n.readings.mux.Lock()
	defer n.readings.mux.Unlock()
	for _, reading := range n.readings.watched {
		delete(n.readings.last, fmt.Sprint(
			from.Device().Ski(), EntityAddress(from), reading.UseCase, reading.Name))
	}
}

// sweepSoon collects the changes of a moment.
func (n *Node) sweepSoon(from spineapi.EntityRemoteInterface) {
	key := fmt.Sprint(from.Device().Ski(), EntityAddress(from))
	n.readings.mux.Lock()
	defer n.readings.mux.Unlock()
	if n.readings.pending[key] {
		return
	}
	n.readings.pending[key] = true
	time.AfterFunc(sweepDelay, func() {
		n.readings.mux.Lock()
		delete(n.readings.pending, key)
		n.readings.mux.Unlock()
		n.sweep(from, false)
	})
}

func (n *Node) sweep(from spineapi.EntityRemoteInterface, always bool) {
	n.readings.mux.Lock()
	watched := append([]Reading{}, n.readings.watched...)
	n.readings.mux.Unlock()
	for _, reading := range watched {
		n.reportReading(from, reading, always)
	}
}
