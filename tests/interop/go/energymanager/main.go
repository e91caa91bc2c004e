// Energymanager is a home energy manager with the EV use cases and the Energy Guard of LPC and LPP.
package main

import (
	"flag"
	"time"

	"eebus-gw/tests/interop/guard"
	"eebus-gw/tests/interop/peer"

	"github.com/enbility/spine-go/model"
)

func main() {
	var options peer.Options
	options.Register(0, 4*time.Second)
	flag.Parse()
	kind := peer.Kind{
		Model:      "Manager",
		DeviceType: model.DeviceTypeTypeEnergyManagementSystem,
		EntityType: model.EntityTypeTypeCEM,
	}
	peer.Main(kind, options, func(node *peer.Node) error {
		manager := newManager(node)
		guard.Add(node)
		node.Handle("opev", manager.limitCommand("OPEV", manager.opev, manager.opev.WriteLoadControlLimits))
		node.Handle("oscev", manager.limitCommand("OSCEV", manager.oscev, manager.oscev.WriteLoadControlLimits))
		node.Handle("power_limits", manager.slotCommand(manager.cevc.WritePowerLimits))
		node.Handle("prices", manager.slotCommand(manager.writePrices))
		return nil
	})
}
