package peer

import (
	ship "github.com/enbility/ship-go/api"
	spineapi "github.com/enbility/spine-go/api"
)

var (
	_ ship.HubReaderInterface        = (*Node)(nil)
	_ spineapi.EventHandlerInterface = (*Node)(nil)
)

var pairingStates = map[ship.ConnectionState]string{
	ship.ConnectionStateNone:                   "none",
	ship.ConnectionStateQueued:                 "queued",
	ship.ConnectionStateInitiated:              "initiated",
	ship.ConnectionStateReceivedPairingRequest: "received_pairing_request",
	ship.ConnectionStateInProgress:             "in_progress",
	ship.ConnectionStateTrusted:                "trusted",
	ship.ConnectionStatePin:                    "pin",
	ship.ConnectionStateCompleted:              "completed",
	ship.ConnectionStateRemoteDeniedTrust:      "remote_denied_trust",
	ship.ConnectionStateError:                  "error",
}

// RemoteSKIConnected is called by the hub during the last step of the handshake.
func (n *Node) RemoteSKIConnected(ski string) {
	n.Report("connected", Members{"ski": ski})
}

// RemoteSKIDisconnected is called by the hub.
func (n *Node) RemoteSKIDisconnected(ski string) {
	n.beats.forget(ski)
	n.Device.RemoveRemoteDeviceConnection(ski)
	n.Report("disconnected", Members{"ski": ski})
}

// SetupRemoteDevice is called by the hub when SPINE data may flow.
func (n *Node) SetupRemoteDevice(
	ski string, writer ship.ShipConnectionDataWriterInterface,
) ship.ShipConnectionDataReaderInterface {
	if n.Amend != nil {
		writer = amender{writer, n.Amend}
	}
	return n.Device.SetupRemoteDevice(ski, writer)
}

// amender passes on what the stack writes, with changes.
type amender struct {
	ship.ShipConnectionDataWriterInterface
	amend func([]byte) []byte
}

func (a amender) WriteShipMessageWithPayload(message []byte) {
	a.ShipConnectionDataWriterInterface.WriteShipMessageWithPayload(a.amend(message))
}

// VisibleRemoteServicesUpdated is called by the hub when the directory reports.
func (n *Node) VisibleRemoteServicesUpdated(entries []ship.RemoteService) {
	services := []Members{}
	for _, entry := range entries {
		services = append(services, Members{
			"ski": entry.Ski, "name": entry.Name, "ship_id": entry.Identifier,
			"brand": entry.Brand, "model": entry.Model, "type": entry.Type,
		})
	}
	n.Report("visible", Members{"services": services})
}

// ServiceShipIDUpdate is called by the hub.
func (n *Node) ServiceShipIDUpdate(ski string, shipID string) {
	n.Report("identified", Members{"ski": ski, "ship_id": shipID})
}

// ServicePairingDetailUpdate is called by the hub, half a second after the change.
func (n *Node) ServicePairingDetailUpdate(ski string, detail *ship.ConnectionStateDetail) {
	members := Members{"ski": ski, "state": pairingStates[detail.State()]}
	if err := detail.Error(); err != nil {
		members["text"] = err.Error()
	}
	n.Report("pairing", members)
}

// AllowWaitingForTrust is called by the hub.
func (n *Node) AllowWaitingForTrust(string) bool {
	return n.waits.Load()
}

// HandleEvent is called by the SPINE stack.
func (n *Node) HandleEvent(payload spineapi.EventPayload) {
	switch payload.EventType {
	case spineapi.EventTypeDeviceChange:
		if payload.ChangeType == spineapi.ElementChangeAdd {
			n.Report("discovered", Members{"ski": payload.Ski, "device": payload.Device.Address()})
		}
	case spineapi.EventTypeEntityChange:
		n.reportEntity(payload)
	case spineapi.EventTypeSubscriptionChange:
		n.reportRelation("subscribed", payload)
	case spineapi.EventTypeBindingChange:
		n.reportRelation("bound", payload)
	case spineapi.EventTypeDataChange:
		n.beats.onData(payload)
		if payload.Entity != nil {
			n.sweepSoon(payload.Entity)
		}
	}
}

func (n *Node) reportEntity(payload spineapi.EventPayload) {
	n.forgetReadings(payload.Entity)
	event := "entity_added"
	if payload.ChangeType == spineapi.ElementChangeRemove {
		event = "entity_removed"
	}
	n.Report(event, Members{
		"ski": payload.Ski, "entity": EntityAddress(payload.Entity), "type": payload.Entity.EntityType(),
	})
}

func (n *Node) reportRelation(event string, payload spineapi.EventPayload) {
	if payload.LocalFeature == nil {
		return
	}
	n.Report(event, Members{
		"ski":     payload.Ski,
		"entity":  EntityAddress(payload.LocalFeature.Entity()),
		"feature": payload.LocalFeature.Type(),
		"on":      payload.ChangeType == spineapi.ElementChangeAdd,
	})
}
