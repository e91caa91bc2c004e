package peer

import (
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"sync/atomic"
	"time"

	ship "github.com/enbility/ship-go/api"
	"github.com/enbility/ship-go/hub"
	"github.com/enbility/ship-go/logging"
	"github.com/enbility/ship-go/mdns"
	spineapi "github.com/enbility/spine-go/api"
	"github.com/enbility/spine-go/model"
	"github.com/enbility/spine-go/spine"
)

const brand = "Peer"

// Kind says what device a node is.
type Kind struct {
	Model      string
	DeviceType model.DeviceTypeType
	EntityType model.EntityTypeType
}

// Node is one device on the network with one main entity.
type Node struct {
	*Console
	Options  Options
	Identity Identity
	Device   spineapi.DeviceLocalInterface
	Entity   spineapi.EntityLocalInterface
	// Amend changes a message of SPINE on its way out, before anybody connects to be set.
	Amend func(message []byte) []byte

	shipID    string
	hub       ship.HubInterface
	directory *Directory
	waits     atomic.Bool
	beats     *beats
	readings  readings
	answers   answers
}

// NewNode builds the device; nothing is on the network before Start.
func NewNode(kind Kind, options Options) (*Node, error) {
	if options.Log != "" {
		logging.SetLogging(stackLog{trace: options.Log == "trace"})
	}
	identity, err := LoadIdentity(options.CertFile, options.KeyFile, kind.Model)
	if err != nil {
		return nil, err
	}
	if options.Port, err = freePort(options.Port); err != nil {
		return nil, err
	}
	if options.Serial == "" {
		options.Serial = identity.Ski[32:]
	}
	tags := Members{}
	if options.Box > 0 {
		tags["box"] = options.Box
	}
	n := &Node{Console: NewConsole(os.Stdout, tags), Options: options, Identity: identity}
	n.shipID = fmt.Sprintf("%s-%s-%s", brand, kind.Model, options.Serial)
	n.waits.Store(options.Wait)
	n.buildDevice(kind)
	n.buildHub(kind)
	n.beats = newBeats(n)
	n.answers = answers{
		awaited: map[string]*Write{}, early: map[string]model.ResultDataType{},
	}
	n.readings = readings{last: map[string]string{}, pending: map[string]bool{}}
	if err := spine.Events.Subscribe(n); err != nil {
		return nil, err
	}
	n.addCommands()
	return n, nil
}

func (n *Node) buildDevice(kind Kind) {
	address := fmt.Sprintf("d:_n:%s_%s-%s", brand, kind.Model, n.Options.Serial)
	n.Device = spine.NewDeviceLocal(
		brand, kind.Model, n.Options.Serial, n.shipID, address,
		kind.DeviceType, model.NetworkManagementFeatureSetTypeSmart)
	n.Entity = spine.NewEntityLocal(
		n.Device, kind.EntityType, []model.AddressEntityType{1}, n.Options.Heartbeat)
	n.Device.AddEntity(n.Entity)
}

func (n *Node) buildHub(kind Kind) {
	var announcer ship.MdnsInterface
	if !n.Options.NoMdns {
		announcer = mdns.NewMDNS(
			n.Identity.Ski, brand, kind.Model, string(kind.DeviceType), n.shipID, n.shipID,
			n.Options.Port, n.Options.Interfaces, mdns.MdnsProviderSelectionGoZeroConfOnly)
	}
	n.directory = NewDirectory(announcer, n.Options.Passive)

	local := ship.NewServiceDetails(n.Identity.Ski)
	local.SetShipID(n.shipID)
	local.SetDeviceType(string(kind.DeviceType))
	n.hub = hub.NewHub(n, n.directory, n.Options.Port, n.Identity.Certificate, local)
}

// Start opens the server, reports `ready` and dials.
func (n *Node) Start() error {
	if n.Options.AutoAccept {
		n.hub.SetAutoAccept(true)
	}
	for _, ski := range n.Options.Trusted {
		n.hub.RegisterRemoteSKI(ski)
	}
	n.hub.Start()
	if err := n.awaitServer(); err != nil {
		return err
	}
	n.Report("ready", Members{
		"ski":     n.Identity.Ski,
		"port":    n.Options.Port,
		"ship_id": n.shipID,
		"device":  n.Device.Address(),
	})
	for _, text := range n.Options.Dial {
		if err := n.dial(text); err != nil {
			return err
		}
	}
	return nil
}

// awaitServer returns once the server accepts; the hub opens it in the background and tells nobody.
func (n *Node) awaitServer() error {
	address := fmt.Sprintf("127.0.0.1:%d", n.Options.Port)
	for range 100 {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			return connection.Close()
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.New("the server does not accept connections")
}

func (n *Node) dial(text string) error {
	address, err := ParseAddress(text)
	if err != nil {
		return err
	}
	n.directory.Add(address.Ski, address.Host, address.Port)
	n.hub.RegisterRemoteSKI(address.Ski)
	return nil
}

// Serve carries out commands until `quit` and leaves the network.
func (n *Node) Serve() {
	n.Run(os.Stdin)
	n.hub.Shutdown()
	n.Report("stopped", nil)
}

// RemoteEntities returns the entities of one peer, or of all if ski is empty.
func (n *Node) RemoteEntities(ski string) []spineapi.EntityRemoteInterface {
	var entities []spineapi.EntityRemoteInterface
	for _, device := range n.Device.RemoteDevices() {
		if ski == "" || device.Ski() == ski {
			entities = append(entities, device.Entities()...)
		}
	}
	return entities
}

// Main runs a peer program: build fills the node before it starts.
func Main(kind Kind, options Options, build func(*Node) error) {
	node, err := NewNode(kind, options)
	if err != nil {
		log.Fatal(err)
	}
	if err := build(node); err != nil {
		log.Fatal(err)
	}
	if err := node.Start(); err != nil {
		log.Fatal(err)
	}
	node.Serve()
}

// Disconnect closes the connection to a peer; the hub dials again if it knows an address.
func (n *Node) Disconnect(ski, reason string) {
	n.hub.DisconnectSKI(ski, reason)
}
