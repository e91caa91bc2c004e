// Wallbox is a charging station with an EV that is plugged in and out by command.
package main

import (
	"flag"
	"log"
	"time"

	"eebus-gw/tests/interop/peer"

	"github.com/enbility/spine-go/model"
)

func main() {
	var options peer.Options
	options.Register(0, 4*time.Second)
	count := flag.Int("count", 1, "number of wallboxes on consecutive ports")
	plugged := flag.Bool("plugged", false, "the car is there from the start")
	interval := flag.Duration("interval", time.Second, "time between measurements")
	flag.Parse()
	if *count > 1 {
		if err := runFleet(options, *count); err != nil {
			log.Fatal(err)
		}
		return
	}
	kind := peer.Kind{
		Model:      "Wallbox",
		DeviceType: model.DeviceTypeTypeChargingStation,
		EntityType: model.EntityTypeTypeEVSE,
	}
	peer.Main(kind, options, func(node *peer.Node) error {
		box, err := newStation(node)
		if err != nil {
			return err
		}
		if *plugged {
			if err := box.plug(newCarSettings()); err != nil {
				return err
			}
		}
		go box.measureEvery(*interval)
		return nil
	})
}
