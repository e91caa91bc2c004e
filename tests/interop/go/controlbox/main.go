// Controlbox is an Energy Guard of LPC and LPP on a GridGuard entity.
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
	options.Register(0, 60*time.Second)
	flag.Parse()
	kind := peer.Kind{
		Model:      "Controlbox",
		DeviceType: model.DeviceTypeType("Generic"),
		EntityType: model.EntityTypeTypeGridGuard,
	}
	peer.Main(kind, options, func(node *peer.Node) error {
		guard.Add(node)
		return nil
	})
}
