package peer

import (
	spineapi "github.com/enbility/spine-go/api"
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
