package peer

import (
	"maps"
	"net"
	"sync"
	"time"

	"github.com/enbility/ship-go/api"
)

// The hub asks again at once after a failed attempt at a peer it was told to pair with;
// answering at once would make it dial in a busy loop.
const pauseBetweenAnswers = 200 * time.Millisecond

// Directory tells the hub where peers are: explicit addresses, and what mDNS found.
type Directory struct {
	mux      sync.Mutex
	hub      api.MdnsReportInterface
	mdns     api.MdnsInterface
	hidden   bool
	explicit map[string]*api.MdnsEntry
	found    map[string]*api.MdnsEntry
	answered time.Time
	waiting  bool
}

var (
	_ api.MdnsInterface       = (*Directory)(nil)
	_ api.MdnsReportInterface = (*Directory)(nil)
)

// NewDirectory uses mdns if it is not nil. With hidden the hub never learns what mDNS found,
// so that the node announces itself and is dialled, but dials nobody.
func NewDirectory(mdns api.MdnsInterface, hidden bool) *Directory {
	return &Directory{
		mdns:     mdns,
		hidden:   hidden,
		explicit: map[string]*api.MdnsEntry{},
		found:    map[string]*api.MdnsEntry{},
	}
}

// Add makes an address known.
func (d *Directory) Add(ski, host string, port int) {
	d.mux.Lock()
	defer d.mux.Unlock()
	d.explicit[ski] = &api.MdnsEntry{
		Name:       ski,
		Ski:        ski,
		Identifier: ski,
		Path:       "/ship/",
		Port:       port,
		Addresses:  []net.IP{net.ParseIP(host)},
	}
}

// Remove forgets an explicit address, so that the hub no longer dials it.
func (d *Directory) Remove(ski string) {
	d.mux.Lock()
	defer d.mux.Unlock()
	delete(d.explicit, ski)
}

// Start is called by the hub.
func (d *Directory) Start(hub api.MdnsReportInterface) error {
	d.mux.Lock()
	d.hub = hub
	d.mux.Unlock()
	if d.mdns == nil {
		return nil
	}
	if err := d.mdns.Start(d); err != nil {
		return err
	}
	// What was found before Start returned is known to it, but has been told to nobody.
	d.mdns.RequestMdnsEntries()
	return nil
}

// RequestMdnsEntries is called by the hub when it wants to dial.
func (d *Directory) RequestMdnsEntries() {
	d.mux.Lock()
	defer d.mux.Unlock()
	if d.hub == nil || d.waiting {
		return
	}
	d.waiting = true
	pause := max(0, pauseBetweenAnswers-time.Since(d.answered))
	time.AfterFunc(pause, func() {
		d.mux.Lock()
		d.waiting = false
		d.mux.Unlock()
		d.report(false)
	})
}

// ReportMdnsEntries is called by mDNS.
func (d *Directory) ReportMdnsEntries(entries map[string]*api.MdnsEntry, newEntries bool) {
	d.mux.Lock()
	d.found = entries
	d.mux.Unlock()
	d.report(newEntries)
}

func (d *Directory) report(newEntries bool) {
	d.mux.Lock()
	d.answered = time.Now()
	hub := d.hub
	known := map[string]*api.MdnsEntry{}
	if !d.hidden {
		maps.Copy(known, d.found)
	}
	maps.Copy(known, d.explicit)
	d.mux.Unlock()
	hub.ReportMdnsEntries(known, newEntries)
}

// Shutdown is called by the hub.
func (d *Directory) Shutdown() {
	if d.mdns != nil {
		d.mdns.Shutdown()
	}
}

// AnnounceMdnsEntry is called by the hub and by the command `announce`.
func (d *Directory) AnnounceMdnsEntry() error {
	if d.mdns == nil {
		return nil
	}
	return d.mdns.AnnounceMdnsEntry()
}

// UnannounceMdnsEntry withdraws the announcement.
func (d *Directory) UnannounceMdnsEntry() {
	if d.mdns != nil {
		d.mdns.UnannounceMdnsEntry()
	}
}

// SetAutoAccept is called by the hub.
func (d *Directory) SetAutoAccept(accept bool) {
	if d.mdns != nil {
		d.mdns.SetAutoAccept(accept)
	}
}
