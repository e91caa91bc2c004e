package peer

import (
	"strings"

	"github.com/enbility/spine-go/api"
)

// target names a peer; without a SKI the only connected one is meant.
type target struct {
	Ski string `json:"ski"`
}

func (n *Node) addCommands() {
	n.onPeer("trust", func(ski string) { n.hub.RegisterRemoteSKI(ski) })
	n.onPeer("deny", func(ski string) { n.hub.CancelPairingWithSKI(ski) })
	n.onPeer("untrust", func(ski string) {
		n.directory.Remove(ski)
		n.hub.UnregisterRemoteSKI(ski)
	})
	n.onPeer("close", func(ski string) {
		n.directory.Remove(ski)
		n.hub.DisconnectSKI(ski, "unspecific")
	})
	n.onPeer("reopen", func(ski string) { n.hub.DisconnectSKI(ski, "unspecific") })
	n.Handle("dial", n.dialCommand)
	n.Handle("announce", n.announceCommand)
	n.Handle("wait", n.waitCommand)
	n.Handle("heartbeat", n.heartbeatCommand)
	n.Handle("peers", n.peersCommand)
	n.Handle("read", n.readCommand)
}

// onPeer adds a command about one peer. A peer that is not yet trusted must be named.
func (n *Node) onPeer(name string, act func(ski string)) {
	n.Handle(name, func(command Command) (Members, error) {
		var peer target
		if err := command.Into(&peer); err != nil {
			return nil, err
		}
		if peer.Ski == "" {
			devices := n.Device.RemoteDevices()
			if len(devices) == 0 {
				return nil, ErrNotConnected
			}
			peer.Ski = devices[0].Ski()
		}
		act(strings.ToLower(peer.Ski))
		return Members{"ski": peer.Ski}, nil
	})
}

func (n *Node) dialCommand(command Command) (Members, error) {
	var arguments struct {
		Address string `json:"address"`
	}
	if err := command.Into(&arguments); err != nil {
		return nil, err
	}
	return nil, n.dial(arguments.Address)
}

func (n *Node) announceCommand(command Command) (Members, error) {
	on, err := SwitchOf(command)
	if err != nil {
		return nil, err
	}
	if on {
		return nil, n.directory.AnnounceMdnsEntry()
	}
	n.directory.UnannounceMdnsEntry()
	return nil, nil
}

func (n *Node) waitCommand(command Command) (Members, error) {
	on, err := SwitchOf(command)
	n.waits.Store(on)
	return nil, err
}

func (n *Node) heartbeatCommand(command Command) (Members, error) {
	on, err := SwitchOf(command)
	if err != nil {
		return nil, err
	}
	if on {
		return nil, n.Entity.HeartbeatManager().StartHeartbeat()
	}
	n.Entity.HeartbeatManager().StopHeartbeat()
	return nil, nil
}

// readCommand tells everything that is known of a peer again.
func (n *Node) readCommand(command Command) (Members, error) {
	var peer target
	if err := command.Into(&peer); err != nil {
		return nil, err
	}
	n.ReportAll(peer.Ski)
	return nil, nil
}

func (n *Node) peersCommand(Command) (Members, error) {
	peers := []Members{}
	for _, device := range n.Device.RemoteDevices() {
		entities := []Members{}
		for _, entity := range device.Entities() {
			entities = append(entities, Members{
				"entity": EntityAddress(entity), "type": entity.EntityType(),
			})
		}
		peers = append(peers, Members{
			"ski": device.Ski(), "device": device.Address(), "entities": entities,
			"use_cases": device.UseCases(),
		})
	}
	return Members{"peers": peers}, nil
}

// SwitchOf reads the member `on`, true if absent.
func SwitchOf(command Command) (bool, error) {
	arguments := struct {
		On bool `json:"on"`
	}{On: true}
	err := command.Into(&arguments)
	return arguments.On, err
}

// EntityAddress is the address of an entity as a list of numbers.
func EntityAddress(entity api.EntityInterface) []uint {
	address := []uint{}
	for _, part := range entity.Address().Entity {
		address = append(address, uint(part))
	}
	return address
}
