package main

import (
	"fmt"

	"eebus-gw/tests/interop/peer"

	"github.com/enbility/eebus-go/api"
	ucapi "github.com/enbility/eebus-go/usecases/api"
	"github.com/enbility/eebus-go/usecases/cem/cevc"
	"github.com/enbility/eebus-go/usecases/cem/evcc"
	"github.com/enbility/eebus-go/usecases/cem/evcem"
	"github.com/enbility/eebus-go/usecases/cem/evsecc"
	"github.com/enbility/eebus-go/usecases/cem/evsoc"
	"github.com/enbility/eebus-go/usecases/cem/opev"
	"github.com/enbility/eebus-go/usecases/cem/oscev"
	"github.com/enbility/eebus-go/usecases/cem/vabd"
	"github.com/enbility/eebus-go/usecases/cem/vapd"
	"github.com/enbility/eebus-go/usecases/ma/mgcp"
	"github.com/enbility/eebus-go/usecases/ma/mpc"
	spineapi "github.com/enbility/spine-go/api"
	"github.com/enbility/spine-go/model"
)

// manager has the client use cases and reports what it reads.
type manager struct {
	node   *peer.Node
	evsecc *evsecc.EVSECC
	evcc   *evcc.EVCC
	evcem  *evcem.EVCEM
	evsoc  *evsoc.EVSOC
	opev   *opev.OPEV
	oscev  *oscev.OSCEV
	cevc   *cevc.CEVC
	mpc    *mpc.MPC
	mgcp   *mgcp.MGCP
	vabd   *vabd.VABD
	vapd   *vapd.VAPD

	supports map[api.EventType]support
	readings map[api.EventType]peer.Reading
}

type support struct {
	useCase string
	base    peer.Supporter
}

// disconnector is the one thing that the EV use cases want of a service.
type disconnector struct {
	api.ServiceInterface
	node *peer.Node
}

func (d disconnector) DisconnectSKI(ski string, reason string) {
	d.node.Report("gives_up", peer.Members{"ski": ski, "text": reason})
	d.node.Disconnect(ski, reason)
}

func newManager(node *peer.Node) *manager {
	m := &manager{node: node}
	service := disconnector{node: node}
	m.evsecc = evsecc.NewEVSECC(node.Entity, m.onEvent)
	m.evcc = evcc.NewEVCC(service, node.Entity, m.onEvent)
	m.evcem = evcem.NewEVCEM(service, node.Entity, m.onEvent)
	m.evsoc = evsoc.NewEVSOC(node.Entity, m.onEvent)
	m.opev = opev.NewOPEV(node.Entity, m.onEvent)
	m.oscev = oscev.NewOSCEV(node.Entity, m.onEvent)
	m.cevc = cevc.NewCEVC(node.Entity, m.onEvent)
	m.mpc = mpc.NewMPC(node.Entity, m.onEvent)
	m.mgcp = mgcp.NewMGCP(node.Entity, m.onEvent)
	m.vabd = vabd.NewVABD(node.Entity, m.onEvent)
	m.vapd = vapd.NewVAPD(node.Entity, m.onEvent)
	m.supports = m.supportEvents()
	m.readings = m.readingEvents()
	for _, reading := range m.readings {
		node.Watch(reading)
	}
	// No event of the stack tells of it.
	node.Watch(peer.ReadingOf("EVCC", "charge_state", m.chargeState))
	for _, useCase := range []api.UseCaseInterface{
		m.evsecc, m.evcc, m.evcem, m.evsoc, m.opev, m.oscev, m.cevc, m.mpc, m.mgcp,
		m.vabd, m.vapd,
	} {
		useCase.AddFeatures()
		useCase.AddUseCase()
	}
	return m
}

type phaseArguments struct {
	Ski     string    `json:"ski"`
	Amperes []float64 `json:"amperes"`
	Active  *bool     `json:"active"`
}

func (a phaseArguments) limits() ([]ucapi.LoadLimitsPhase, error) {
	if len(a.Amperes) == 0 || len(a.Amperes) > len(ucapi.PhaseNameMapping) {
		return nil, fmt.Errorf("%d phases", len(a.Amperes))
	}
	limits := []ucapi.LoadLimitsPhase{}
	for phase, amperes := range a.Amperes {
		limits = append(limits, ucapi.LoadLimitsPhase{
			Phase:    ucapi.PhaseNameMapping[phase],
			IsActive: a.Active == nil || *a.Active,
			Value:    amperes,
		})
	}
	return limits, nil
}

type phaseWrite func(
	spineapi.EntityRemoteInterface, []ucapi.LoadLimitsPhase, func(model.ResultDataType),
) (*model.MsgCounterType, error)

// limitCommand writes {amperes: [3], active, ski} to an EV.
func (m *manager) limitCommand(
	useCase string, base peer.Supporter, write phaseWrite,
) peer.Handler {
	return func(command peer.Command) (peer.Members, error) {
		var wanted phaseArguments
		if err := command.Into(&wanted); err != nil {
			return nil, err
		}
		limits, err := wanted.limits()
		if err != nil {
			return nil, err
		}
		entity, err := m.node.Supporting(base, wanted.Ski)
		if err != nil {
			return nil, err
		}
		written := m.node.Writing(command, useCase, entity)
		return written.Sent(write(entity, limits, nil))
	}
}

func (m *manager) chargeState(from entity) (ucapi.EVChargeStateType, error) {
	if from.EntityType() != model.EntityTypeTypeEV {
		return "", api.ErrNoCompatibleEntity
	}
	return m.evcc.ChargeState(from)
}
