// House is an inverter with grid meter, PV system and a battery that follows setpoints.
package main

import (
	"flag"
	"time"

	"eebus-gw/tests/interop/peer"

	"github.com/enbility/spine-go/model"
)

func main() {
	var options peer.Options
	options.Register(0, 60*time.Second)
	flag.Parse()
	kind := peer.Kind{
		Model:      "House",
		DeviceType: model.DeviceTypeTypeInverter,
		EntityType: model.EntityTypeTypeGridConnectionPointOfPremises,
	}
	peer.Main(kind, options, func(node *peer.Node) error {
		_, err := newHouse(node)
		return err
	})
}
