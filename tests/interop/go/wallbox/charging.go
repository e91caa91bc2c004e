package main

import (
	"fmt"
	"math"
	"time"

	"eebus-gw/tests/interop/meter"
	"eebus-gw/tests/interop/peer"
)

// measureEvery publishes what flows.
func (s *station) measureEvery(interval time.Duration) {
	for now := range time.Tick(interval) {
		s.measure(now)
	}
}

func (s *station) measure(now time.Time) {
	s.mux.Lock()
	defer s.mux.Unlock()
	hours := now.Sub(s.time).Hours()
	s.time = now
	currents := []float64{0, 0, 0}
	if s.car != nil {
		currents = s.carCurrents()
	}
	powers := make([]float64, len(meter.Phases))
	total := 0.0
	for i, current := range currents {
		powers[i] = current * voltage
		total += powers[i]
	}
	s.energy += total * hours
	s.publish(total, powers, currents)
	report := peer.Members{
		"plugged": s.car != nil, "current_a": currents, "power_w": total, "energy_wh": s.energy,
	}
	if s.car != nil {
		s.car.charge(total*hours, powers, currents)
		report["soc_percent"] = s.car.settings.Soc
	}
	s.node.Report("measured", report)
}

func (s *station) publish(total float64, powers, currents []float64) {
	values := append([]float64{total}, powers...)
	values = append(values, rounded(s.energy))
	s.meter.Publish(append(values, currents...))
}

func (c *car) charge(energy float64, powers, currents []float64) {
	c.energy += energy
	c.settings.Soc = math.Min(100, c.settings.Soc+100*energy/c.settings.Capacity)
	values := append(append([]float64{}, currents...), powers...)
	c.meter.Publish(append(values, rounded(c.energy), rounded(c.settings.Soc)))
}

func rounded(value float64) float64 {
	return math.Round(value*100) / 100
}

// carCurrents is what the car draws per phase: as much as it wants and everyone permits.
func (s *station) carCurrents() []float64 {
	drawn := make([]float64, len(meter.Phases))
	if s.car.settings.Standby || s.car.settings.Soc >= 100 {
		return drawn
	}
	wanted := s.car.settings.Current
	if power, limited := s.grid.limit(); limited {
		wanted = math.Min(wanted, power/voltage/float64(len(meter.Phases)))
	}
	silent := s.deaf[fmt.Sprint(peer.EntityAddress(s.car.entity))]
	if silent {
		wanted = math.Min(wanted, safeCurrent)
	}
	obligations, recommendations := s.car.limitsOf(overload), s.car.limitsOf(selfConsumption)
	for i := range drawn {
		permitted := atMost(wanted, obligations[i])
		if !silent {
			permitted = atMost(permitted, recommendations[i])
		}
		if permitted >= lowestCurrent {
			drawn[i] = rounded(permitted)
		}
	}
	return drawn
}

func atMost(value float64, limit *float64) float64 {
	if limit == nil {
		return value
	}
	return math.Min(value, *limit)
}

// onHeartbeat notes whether the energy manager that an entity listens to is silent.
func (s *station) onHeartbeat(receiver []uint, lost bool) {
	s.mux.Lock()
	defer s.mux.Unlock()
	s.deaf[fmt.Sprint(receiver)] = lost
}
