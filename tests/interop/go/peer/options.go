package peer

import (
	"flag"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// Options of every peer program.
type Options struct {
	Port       int
	CertFile   string
	KeyFile    string
	Serial     string
	Trusted    list
	Dial       list
	NoMdns     bool
	Passive    bool
	Interfaces list
	Wait       bool
	AutoAccept bool
	Heartbeat  time.Duration
	Log        string
	Box        int
}

// list is a flag that may be repeated or hold several values separated by commas.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(text string) error {
	*l = append(*l, strings.Split(text, ",")...)
	return nil
}

// Register declares the options; port and heartbeat are the defaults.
func (o *Options) Register(port int, heartbeat time.Duration) {
	flag.IntVar(&o.Port, "port", port, "port of the server; 0 takes a free one")
	flag.StringVar(&o.CertFile, "cert", "", "certificate file (PEM), created if missing")
	flag.StringVar(&o.KeyFile, "key", "", "key file (PEM), created if missing")
	flag.StringVar(&o.Serial, "serial", "", "serial number; default: the end of the SKI")
	flag.Var(&o.Trusted, "remote-ski", "SKI to trust from the start")
	flag.Var(&o.Dial, "dial", "SKI@HOST:PORT to trust and dial")
	flag.BoolVar(&o.NoMdns, "no-mdns", false, "neither announce nor browse")
	flag.BoolVar(&o.Passive, "passive", false, "announce, but dial no peer that mDNS found")
	flag.Var(&o.Interfaces, "interface", "network interface for mDNS")
	flag.BoolVar(&o.Wait, "wait", false, "keep unknown peers waiting for `trust` instead of refusing them")
	flag.BoolVar(&o.AutoAccept, "auto-accept", false, "trust whoever connects")
	flag.DurationVar(&o.Heartbeat, "heartbeat", heartbeat, "announced heartbeat timeout; beats are sent 2 s before it ends")
	flag.StringVar(&o.Log, "log", "", "log of the stack on standard error: debug or trace")
	flag.IntVar(&o.Box, "box", 0, "number of this peer among several of one program")
}

// Address is one peer to dial.
type Address struct {
	Ski  string
	Host string
	Port int
}

// ParseAddress reads SKI@HOST:PORT.
func ParseAddress(text string) (Address, error) {
	ski, place, found := strings.Cut(text, "@")
	if !found {
		return Address{}, fmt.Errorf("%q is not SKI@HOST:PORT", text)
	}
	host, portText, err := net.SplitHostPort(place)
	if err != nil {
		return Address{}, err
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	port, err := strconv.Atoi(portText)
	return Address{Ski: strings.ToLower(ski), Host: host, Port: port}, err
}

// freePort returns port, or one that is free if port is 0; an error if port is taken.
func freePort(port int) (int, error) {
	listener, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
