package peer

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/enbility/eebus-go/features/client"
	spineapi "github.com/enbility/spine-go/api"
	"github.com/enbility/spine-go/model"
)

const (
	beatCheck = 100 * time.Millisecond
	beatGrace = 500 * time.Millisecond
)

// beats watches the heartbeats of the peers: per peer, sending entity and receiving entity.
type beats struct {
	mux     sync.Mutex
	node    *Node
	streams map[string]*stream
	onLoss  func(receiver []uint, lost bool)
}

type stream struct {
	members Members
	ski     string
	to      []uint
	due     time.Time
	lost    bool
}

func newBeats(node *Node) *beats {
	b := &beats{node: node, streams: map[string]*stream{}}
	go b.watch()
	return b
}

// OnHeartbeatLoss names who wants to know when the heartbeat that an entity of ours listens to
// stays away longer than its sender announced, and when it is back.
func (n *Node) OnHeartbeatLoss(tell func(receiver []uint, lost bool)) {
	n.beats.mux.Lock()
	defer n.beats.mux.Unlock()
	n.beats.onLoss = tell
}

func (b *beats) onData(payload spineapi.EventPayload) {
	beat, ok := payload.Data.(*model.DeviceDiagnosisHeartbeatDataType)
	if !ok || payload.LocalFeature == nil || payload.CmdClassifier == nil || beat.HeartbeatTimeout == nil {
		return
	}
	timeout, err := beat.HeartbeatTimeout.GetTimeDuration()
	if err != nil {
		return
	}
	from, to := EntityAddress(payload.Entity), EntityAddress(payload.LocalFeature.Entity())
	who := Members{"ski": payload.Ski, "from": from, "to": to}
	b.node.Report("heartbeat", Members{
		"ski": payload.Ski, "from": from, "to": to, "counter": beat.HeartbeatCounter,
		"timeout_s": timeout.Seconds(), "classifier": *payload.CmdClassifier,
	})
	known, wasLost := b.note(fmt.Sprint(payload.Ski, from, to), who, payload.Ski, to, timeout)
	if wasLost {
		b.node.Report("heartbeat_back", who)
	}
	if wasLost || !known {
		b.tell(to, false)
	}
}

// note remembers one beat and returns whether the stream was known and whether it was lost.
func (b *beats) note(
	key string, who Members, ski string, to []uint, timeout time.Duration,
) (known, wasLost bool) {
	b.mux.Lock()
	defer b.mux.Unlock()
	entry, known := b.streams[key]
	if !known {
		entry = &stream{members: who, ski: ski, to: to}
		b.streams[key] = entry
	}
	wasLost = entry.lost
	entry.due = time.Now().Add(timeout + beatGrace)
	entry.lost = false
	return known, wasLost
}

func (b *beats) watch() {
	for now := range time.Tick(beatCheck) {
		for _, overdue := range b.overdue(now) {
			b.node.Report("heartbeat_lost", overdue.members)
			b.tell(overdue.to, true)
		}
	}
}

func (b *beats) overdue(now time.Time) []*stream {
	b.mux.Lock()
	defer b.mux.Unlock()
	var found []*stream
	for _, candidate := range b.streams {
		if !candidate.lost && now.After(candidate.due) {
			candidate.lost = true
			found = append(found, candidate)
		}
	}
	return found
}

func (b *beats) tell(receiver []uint, lost bool) {
	b.mux.Lock()
	tell := b.onLoss
	b.mux.Unlock()
	if tell != nil {
		tell(receiver, lost)
	}
}

// HearHeartbeats subscribes for an entity of ours to the heartbeat of a remote entity that has one.
func (n *Node) HearHeartbeats(
	receiver spineapi.EntityLocalInterface, from spineapi.EntityRemoteInterface,
) {
	feature := from.FeatureOfTypeAndRole(model.FeatureTypeTypeDeviceDiagnosis, model.RoleTypeServer)
	if feature == nil || feature.Operations()[model.FunctionTypeDeviceDiagnosisHeartbeatData] == nil {
		return
	}
	diagnosis, err := client.NewDeviceDiagnosis(receiver, from)
	if err != nil || diagnosis.HasSubscription() {
		return
	}
	if _, err := diagnosis.Subscribe(); err != nil {
		n.Report("failed", Members{"text": err.Error()})
		return
	}
	_, _ = diagnosis.RequestHeartbeat()
}

// ForgetHeartbeats ends the watch over what an entity of ours listened to.
func (n *Node) ForgetHeartbeats(receiver []uint) {
	n.beats.remove(func(s *stream) bool { return slices.Equal(s.to, receiver) })
}

func (b *beats) remove(which func(*stream) bool) []*stream {
	b.mux.Lock()
	defer b.mux.Unlock()
	var gone []*stream
	for key, candidate := range b.streams {
		if which(candidate) {
			gone = append(gone, candidate)
			delete(b.streams, key)
		}
	}
	return gone
}

// forget ends the watch over a peer that is gone: its heartbeats count as lost.
func (b *beats) forget(ski string) {
	for _, candidate := range b.remove(func(s *stream) bool { return s.ski == ski }) {
		if !candidate.lost {
			b.node.Report("heartbeat_lost", candidate.members)
			b.tell(candidate.to, true)
		}
	}
}
