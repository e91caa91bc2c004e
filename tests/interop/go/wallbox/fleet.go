package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"

	"eebus-gw/tests/interop/peer"
)

// fleet runs every wallbox in a process of its own: the stack delivers SPINE events through one
// global bus, so that two devices in one process answer each other's peers.
type fleet struct {
	boxes  []io.WriteCloser
	output sync.Mutex
}

// runFleet starts count wallboxes on consecutive ports and passes lines on: an event carries the
// number of its box, a command goes to the box it names, or to all.
func runFleet(options peer.Options, count int) error {
	var f fleet
	var running sync.WaitGroup
	for box := 1; box <= count; box++ {
		if err := f.start(options, box, &running); err != nil {
			return err
		}
	}
	f.passCommands(os.Stdin)
	for _, box := range f.boxes {
		_ = box.Close()
	}
	running.Wait()
	return nil
}

func (f *fleet) start(options peer.Options, box int, running *sync.WaitGroup) error {
	arguments := append([]string{}, os.Args[1:]...)
	arguments = append(arguments, "--count", "1", "--box", strconv.Itoa(box))
	if options.Port > 0 {
		arguments = append(arguments, "--port", strconv.Itoa(options.Port+box-1))
	}
	if options.CertFile != "" && options.KeyFile != "" {
		arguments = append(arguments,
			"--cert", fmt.Sprintf("%s.%d", options.CertFile, box),
			"--key", fmt.Sprintf("%s.%d", options.KeyFile, box))
	}
	process := exec.Command(os.Args[0], arguments...)
	process.Stderr = os.Stderr
	in, err := process.StdinPipe()
	if err != nil {
		return err
	}
	out, err := process.StdoutPipe()
	if err != nil {
		return err
	}
	f.boxes = append(f.boxes, in)
	if err := process.Start(); err != nil {
		return err
	}
	running.Add(1)
	go func() {
		defer running.Done()
		f.passEvents(out)
		_ = process.Wait()
	}()
	return nil
}

func (f *fleet) passEvents(from io.Reader) {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		f.output.Lock()
		fmt.Println(lines.Text())
		f.output.Unlock()
	}
}

func (f *fleet) passCommands(from io.Reader) {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		var command struct {
			Name string `json:"command"`
			Box  int    `json:"box"`
		}
		_ = json.Unmarshal(lines.Bytes(), &command)
		for i, box := range f.boxes {
			if command.Box == 0 || command.Box == i+1 {
				fmt.Fprintln(box, lines.Text())
			}
		}
		if command.Name == "quit" && command.Box == 0 {
			return
		}
	}
}
