// Package peer holds what every peer program shares: the console of JSON lines,
// the identity, the directory of known addresses and the node on the network.
package peer

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"sync"
	"time"
)

// Members are the fields of one reported line.
type Members map[string]any

// Console reports events as JSON lines and carries out commands that arrive as JSON lines.
type Console struct {
	mux      sync.Mutex
	out      *json.Encoder
	started  time.Time
	tags     Members
	handlers map[string]Handler
}

// Handler carries out one command; its members go into the `done` event, its error into `failed`.
type Handler func(Command) (Members, error)

// Command is one line of standard input.
type Command struct {
	Name string `json:"command"`
	ID   any    `json:"id"`
	line []byte
}

// Into fills target with the members of the command.
func (c Command) Into(target any) error {
	return json.Unmarshal(c.line, target)
}

// NewConsole reports to out; tags are repeated in every line.
func NewConsole(out io.Writer, tags Members) *Console {
	return &Console{
		out:      json.NewEncoder(out),
		started:  time.Now(),
		tags:     tags,
		handlers: map[string]Handler{},
	}
}

// Report writes one event.
func (c *Console) Report(event string, members Members) {
	line := Members{"event": event, "t": float64(time.Since(c.started).Microseconds()) / 1e6}
	maps.Copy(line, c.tags)
	maps.Copy(line, members)

	c.mux.Lock()
	defer c.mux.Unlock()
	_ = c.out.Encode(line)
}

// Handle names the handler of a command.
func (c *Console) Handle(name string, handler Handler) {
	c.handlers[name] = handler
}

// Run carries out commands until `quit` or the end of the input.
func (c *Console) Run(in io.Reader) {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		command := Command{line: append([]byte(nil), lines.Bytes()...)}
		if err := json.Unmarshal(command.line, &command); err != nil {
			c.Report("failed", Members{"text": err.Error()})
			continue
		}
		if command.Name == "quit" {
			return
		}
		c.carryOut(command)
	}
}

func (c *Console) carryOut(command Command) {
	answer := Members{"command": command.Name, "id": command.ID}
	members, err := c.dispatch(command)
	maps.Copy(answer, members)
	if err != nil {
		answer["text"] = err.Error()
		c.Report("failed", answer)
		return
	}
	c.Report("done", answer)
}

func (c *Console) dispatch(command Command) (Members, error) {
	handler, known := c.handlers[command.Name]
	if !known {
		return nil, fmt.Errorf("unknown command %q", command.Name)
	}
	return handler(command)
}

// ErrNotConnected is the answer to a command that needs a peer which is not there.
var ErrNotConnected = errors.New("no such peer is connected")
