package peer

import (
	"fmt"
	"sync"
	"time"

	spineapi "github.com/enbility/spine-go/api"
	"github.com/enbility/spine-go/model"
)

// answers joins writes with their results. The stack can be told of a write only after it was
// sent, when a quick peer has answered already, so results that nobody awaits yet are kept.
type answers struct {
	mux     sync.Mutex
	awaited map[string]*Write
	early   map[string]model.ResultDataType
}

// Write is a write whose answer is awaited.
type Write struct {
	node    *Node
	ski     string
	members Members
	since   time.Time
}

// CollectAnswers makes the results for our client feature of this type known to Sent.
func (n *Node) CollectAnswers(kind model.FeatureTypeType) {
	n.Entity.GetOrAddFeature(kind, model.RoleTypeClient).AddResultCallback(n.onResult)
}

// Writing starts the clock of one write.
func (n *Node) Writing(
	command Command, useCase string, entity spineapi.EntityRemoteInterface,
) *Write {
	return &Write{node: n, ski: entity.Device().Ski(), since: time.Now(), members: Members{
		"command": command.Name, "id": command.ID, "use_case": useCase,
		"ski": entity.Device().Ski(), "entity": EntityAddress(entity),
	}}
}

// Sent takes what the stack returned for the write; `answered` is reported when the result is here.
func (w *Write) Sent(counter *model.MsgCounterType, err error) (Members, error) {
	if err != nil {
		return nil, err
	}
	w.node.answers.await(answerKey(w.ski, *counter), w)
	return Members{"msg_counter": *counter}, nil
}

func (n *Node) onResult(message spineapi.ResponseMessage) {
	result, ok := message.Data.(*model.ResultDataType)
	if ok && message.DeviceRemote != nil {
		n.answers.arrive(answerKey(message.DeviceRemote.Ski(), message.MsgCounterReference), *result)
	}
}

func answerKey(ski string, counter model.MsgCounterType) string {
	return fmt.Sprint(ski, " ", counter)
}

func (a *answers) await(key string, write *Write) {
	a.mux.Lock()
	result, arrived := a.early[key]
	delete(a.early, key)
	if !arrived {
		a.awaited[key] = write
	}
	a.mux.Unlock()
	if arrived {
		write.report(result)
	}
}

func (a *answers) arrive(key string, result model.ResultDataType) {
	a.mux.Lock()
	write, awaited := a.awaited[key]
	delete(a.awaited, key)
	if !awaited {
		a.early[key] = result
	}
	a.mux.Unlock()
	if awaited {
		write.report(result)
	}
}

func (w *Write) report(result model.ResultDataType) {
	w.members["latency_ms"] = float64(time.Since(w.since).Microseconds()) / 1e3
	if result.ErrorNumber != nil {
		w.members["error_number"] = uint(*result.ErrorNumber)
	}
	if result.Description != nil {
		w.members["text"] = string(*result.Description)
	}
	w.node.Report("answered", w.members)
}
