package peer

import (
	"time"

	spineapi "github.com/enbility/spine-go/api"
	"github.com/enbility/spine-go/model"
)

// Supporter knows which remote entities support a use case.
type Supporter interface {
	AvailableScenariosForEntity(entity spineapi.EntityRemoteInterface) []uint
}

// Supporting returns the first remote entity with the use case, of one peer if ski is not empty.
// The use case's own list keeps entities of connections that are gone, so it only judges.
func (n *Node) Supporting(useCase Supporter, ski string) (spineapi.EntityRemoteInterface, error) {
	for _, candidate := range n.RemoteEntities(ski) {
		if useCase.AvailableScenariosForEntity(candidate) != nil {
			return candidate, nil
		}
	}
	return nil, ErrNotConnected
}

// ReportSupport tells which scenarios an entity supports; none after it withdrew the use case.
func (n *Node) ReportSupport(
	name string, useCase Supporter, ski string, entity spineapi.EntityRemoteInterface,
) {
	scenarios := useCase.AvailableScenariosForEntity(entity)
	if scenarios == nil {
		scenarios = []uint{}
	}
	n.Report("use_case", Members{
		"ski": ski, "entity": EntityAddress(entity), "use_case": name, "scenarios": scenarios,
	})
}

// Pending is a write whose answer is awaited.
type Pending struct {
	node    *Node
	members Members
	since   time.Time
}

// Expect starts the clock of one write.
func (n *Node) Expect(
	command Command, useCase string, entity spineapi.EntityRemoteInterface,
) *Pending {
	return &Pending{node: n, since: time.Now(), members: Members{
		"command": command.Name, "id": command.ID, "use_case": useCase,
		"ski": entity.Device().Ski(), "entity": EntityAddress(entity),
	}}
}

// Answered reports the result with its latency.
func (p *Pending) Answered(result model.ResultDataType) {
	p.members["latency_ms"] = float64(time.Since(p.since).Microseconds()) / 1e3
	if result.ErrorNumber != nil {
		p.members["error_number"] = uint(*result.ErrorNumber)
	}
	if result.Description != nil {
		p.members["text"] = string(*result.Description)
	}
	p.node.Report("answered", p.members)
}

// Response is Answered for the stack's response callbacks.
func (p *Pending) Response(message spineapi.ResponseMessage) {
	if result, ok := message.Data.(*model.ResultDataType); ok {
		p.Answered(*result)
	}
}
