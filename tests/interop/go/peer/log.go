package peer

import (
	"fmt"
	"log"

	"github.com/enbility/ship-go/logging"
)

// stackLog prints what the stack logs to standard error.
type stackLog struct{ trace bool }

var _ logging.LoggingInterface = stackLog{}

func (s stackLog) Trace(args ...any) {
	if s.trace {
		log.Println(args...)
	}
}

func (s stackLog) Tracef(format string, args ...any) { s.Trace(fmt.Sprintf(format, args...)) }
func (s stackLog) Debug(args ...any)                 { log.Println(args...) }
func (s stackLog) Debugf(format string, args ...any) { log.Printf(format, args...) }
func (s stackLog) Info(args ...any)                  { log.Println(args...) }
func (s stackLog) Infof(format string, args ...any)  { log.Printf(format, args...) }
func (s stackLog) Error(args ...any)                 { log.Println(args...) }
func (s stackLog) Errorf(format string, args ...any) { log.Printf(format, args...) }
