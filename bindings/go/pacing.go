package heijunka

// #include "heijunka.h"
// #cgo noescape heijunka_sequence
// #cgo nocallback heijunka_sequence
// #cgo noescape heijunka_pacer_offer
// #cgo nocallback heijunka_pacer_offer
// #cgo noescape heijunka_pacer_poll
// #cgo nocallback heijunka_pacer_poll
// #cgo noescape heijunka_pacer_next_deadline
// #cgo nocallback heijunka_pacer_next_deadline
import "C"

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"
	"unsafe"
)

// Sequence is the leveled order of a product mix: which product is made when, by its place in counts, without clumps.
// counts says how often each product is made. Among the first k items each product comes within one of its share,
// however many there are (Tijdeman's bound). At a tie the product that is named first comes first: the order of 3, 2, 1
// is 0 1 0 2 1 0.
//
// Fails with [ErrOutOfRange] unless there are from 1 to 16,384 products and from 1 to 16,777,216 items.
func Sequence(counts []uint32) ([]uint32, error) {
	if abiErr != nil {
		return nil, abiErr
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var items uint64
	for _, count := range counts {
		items += uint64(count)
	}
	if items > 1<<24 {
		items = 0 // it will be refused
	}
	order := make([]C.uint32_t, items)
	var length C.size_t
	status := C.heijunka_sequence(
		(*C.uint32_t)(unsafe.Pointer(unsafe.SliceData(counts))), C.size_t(len(counts)), unsafe.SliceData(order),
		C.size_t(len(order)), &length,
	)
	if status < 0 {
		return nil, lastError(status)
	}
	made := make([]uint32, length)
	for index := range made {
		made[index] = uint32(order[index])
	}
	return made, nil
}

// Offer is the answer to [Pacer.Offer].
type Offer struct {
	// Accepted says whether the item waits for its release.
	Accepted bool
	// Reason is why: [ReasonAccepted] or [ReasonBacklogFull].
	Reason Reason
	// Limit is the limit that decided: the domain's max_backlog, or, when all domains together are full, the pacer's.
	Limit uint32
	// Load is how many items wait, of the domain or of all; when accepted the domain's, the new one among them.
	Load uint32
	// RetryAfterUs is, when refused, the earliest time worth retrying, in microseconds from now, never 0. Else 0.
	RetryAfterUs uint64
}

// RetryAfter is RetryAfterUs as a duration.
func (o Offer) RetryAfter() time.Duration { return micros(o.RetryAfterUs) }

// Release is an item that [Pacer.Poll] released.
type Release struct {
	// Domain is whose it is.
	Domain DomainID
	// Item is the item, as it was offered.
	Item uint64
	// DueUs is when it was due.
	DueUs uint64
}

// PacerStatus is a pacer's state and its lifetime counts. accepted = released + backlog holds after every call.
type PacerStatus struct {
	// The latest time seen, in microseconds.
	NowUs uint64 `json:"now_us"`
	// How many times lay before the latest one seen.
	ClockRegressions uint64 `json:"clock_regressions"`
	// The time between two items, in microseconds.
	TaktUs float64 `json:"takt_us"`
	// The takt's dividend.
	AvailableUs uint64 `json:"available_us"`
	// The takt's divisor.
	Demand uint64 `json:"demand"`
	// Items that wait.
	Backlog uint32 `json:"backlog"`
	// The most that may.
	MaxBacklog uint32 `json:"max_backlog"`
	// When the next item is due, which may be over; nil when nothing waits.
	NextDueUs *uint64 `json:"next_due_us"`
	// Items accepted.
	Accepted uint64 `json:"accepted"`
	// Items refused.
	Refused uint64 `json:"refused"`
	// Items released.
	Released uint64 `json:"released"`
	// Slots that passed while items waited and that max_late doesn't make up for.
	LapsedSlots uint64 `json:"lapsed_slots"`
	// How much later than they were due items were released, on average.
	MeanLatenessUs float64 `json:"mean_lateness_us"`
	// The most that an item was late.
	MaxLatenessUs uint64 `json:"max_lateness_us"`
	// The domains, in the order of their ids.
	Domains []PacerDomainStatus `json:"domains"`
}

// PacerDomainStatus is a domain of a [PacerStatus].
type PacerDomainStatus struct {
	// Its name.
	Name string `json:"name"`
	// Its share, against the others' weights.
	Weight uint32 `json:"weight"`
	// Its items that wait.
	Backlog uint32 `json:"backlog"`
	// The most that may.
	MaxBacklog uint32 `json:"max_backlog"`
	// Its items accepted.
	Accepted uint64 `json:"accepted"`
	// Its items refused.
	Refused uint64 `json:"refused"`
	// Its items released.
	Released uint64 `json:"released"`
}

// Pacer releases items of several domains one by one, at takt time, in leveled order: a box between those who produce in
// bursts and those who can't take bursts. It reads no clock, does no I/O and starts no goroutine; any goroutine may call
// it at any time.
//
//  1. [Pacer.Offer] an item when it comes up;
//  2. [Pacer.Poll], and do what was released;
//  3. sleep until [Pacer.NextDeadline], or the next item comes up, and go on with 2.
type Pacer struct {
	mu       sync.Mutex
	handle   *C.heijunka_pacer // nil: closed
	cleanup  runtime.Cleanup
	domains  []string
	releases []C.heijunka_release // where Poll gets items
}

// NewPacer makes a pacer that starts at nowUs. config is as for [New], such as
//
//	{"takt_us": 1000, "domains": {"orders": {"weight": 5, "max_backlog": 100}, "mail": {}}}
//
// takt_us is the time between two items; available_us with demand (the sum of all weights, when it isn't there) says it
// as a fraction instead. A domain has a weight (1), its share against the others', and a max_backlog (1,000);
// max_backlog (1,048,576) is for all together. max_catch_up (0): how many slots that passed while nothing waited may be
// made up. max_late (all): how many that passed while nobody polled.
//
// Close the pacer when done with it; one that is forgotten is freed by the garbage collector, some time.
//
// Fails with [ErrInvalidConfig] (the message lists all that is wrong, a line each), [ErrInvalidUTF8],
// [ErrTimeOutOfRange] or [ErrABI].
func NewPacer(config any, nowUs uint64) (*Pacer, error) {
	text, err := configText(config)
	if err != nil {
		return nil, err
	}
	if abiErr != nil {
		return nil, abiErr
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var handle *C.heijunka_pacer
	status := C.heijunka_pacer_new(chars(text), C.size_t(len(text)), C.uint64_t(nowUs), &handle)
	if status < 0 {
		return nil, lastError(status)
	}
	pacer := &Pacer{handle: handle, releases: make([]C.heijunka_release, 256)}
	pacer.cleanup = runtime.AddCleanup(pacer, freePacer, handle)
	var count C.uint32_t
	if status := C.heijunka_pacer_domain_count(handle, &count); status < 0 {
		err := lastError(status)
		pacer.Close()
		return nil, err
	}
	for id := range count {
		name, err := readText(func(buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
			return C.heijunka_pacer_domain_name(handle, id, buf, size, length)
		})
		if err != nil {
			pacer.Close()
			return nil, err
		}
		pacer.domains = append(pacer.domains, string(name))
	}
	return pacer, nil
}

func freePacer(handle *C.heijunka_pacer) { C.heijunka_pacer_free(handle) }

// Close frees the pacer and what waits in it. Every later call answers [ErrClosed]. Closing again does nothing. The error
// is always nil: it is there for [io.Closer].
func (p *Pacer) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.handle != nil {
		p.cleanup.Stop()
		freePacer(p.handle)
		p.handle = nil
	}
	return nil
}

// enter locks the pacer, and the goroutine to its thread, which is where the library keeps an error's text.
func (p *Pacer) enter() error {
	p.mu.Lock()
	if p.handle == nil {
		p.mu.Unlock()
		return ErrClosed
	}
	runtime.LockOSThread()
	return nil
}

// leave undoes enter and answers the error of a status.
func (p *Pacer) leave(status C.int32_t) error {
	var err error
	if status < 0 {
		err = lastError(status)
	}
	runtime.UnlockOSThread()
	p.mu.Unlock()
	runtime.KeepAlive(p)
	return err
}

// DomainID looks up a domain by its name.
//
// Fails with [ErrUnknownDomain].
func (p *Pacer) DomainID(name string) (DomainID, error) {
	var id C.uint32_t
	if err := p.enter(); err != nil {
		return NoDomain, err
	}
	status := C.heijunka_pacer_domain_id(p.handle, charsOf(name), C.size_t(len(name)), &id)
	if err := p.leave(status); err != nil {
		return NoDomain, err
	}
	return DomainID(id), nil
}

// DomainName is a domain's name; empty for an id that the pacer doesn't have. It costs nothing, also after Close.
func (p *Pacer) DomainName(domain DomainID) string { return at(p.domains, uint32(domain)) }

// Domains are the names of all domains, in the order of their ids.
func (p *Pacer) Domains() []string { return slices.Clone(p.domains) }

// Offer offers an item: any number below 2^53, which is handed back when it is released. Items of a domain are released
// in the order in which they were offered; what doesn't fit is refused.
//
// Fails with [ErrUnknownDomain], [ErrOutOfRange] for the item, or [ErrTimeOutOfRange].
func (p *Pacer) Offer(nowUs uint64, domain DomainID, item uint64) (Offer, error) {
	var out C.heijunka_offer
	if err := p.enter(); err != nil {
		return Offer{}, err
	}
	status := C.heijunka_pacer_offer(
		p.handle, C.uint64_t(nowUs), C.uint32_t(domain), C.uint64_t(item), C.size_t(unsafe.Sizeof(out)), &out,
	)
	if err := p.leave(status); err != nil {
		return Offer{}, err
	}
	return Offer{
		Accepted:     out.accepted != 0,
		Reason:       Reason(out.reason),
		Limit:        uint32(out.limit),
		Load:         uint32(out.load),
		RetryAfterUs: uint64(out.retry_after_us),
	}, nil
}

// Poll releases what is due, oldest slot first.
//
// Fails with [ErrTimeOutOfRange].
func (p *Pacer) Poll(nowUs uint64) ([]Release, error) { return p.poll(nowUs, -1) }

// PollAtMost releases what is due, but no more than so many items. What is left over is still due.
//
// Fails with [ErrTimeOutOfRange].
func (p *Pacer) PollAtMost(nowUs uint64, maxItems uint32) ([]Release, error) {
	return p.poll(nowUs, int64(maxItems))
}

func (p *Pacer) poll(nowUs uint64, most int64) ([]Release, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	var released []Release
	for {
		room := len(p.releases)
		if most >= 0 {
			room = int(min(int64(room), most-int64(len(released))))
		}
		var count C.size_t
		status := C.heijunka_pacer_poll(
			p.handle, C.uint64_t(nowUs), C.size_t(unsafe.Sizeof(p.releases[0])), unsafe.SliceData(p.releases),
			C.size_t(room), &count,
		)
		if status < 0 {
			return nil, p.leave(status)
		}
		for _, release := range p.releases[:count] {
			released = append(released, Release{DomainID(release.domain), uint64(release.item), uint64(release.due_us)})
		}
		if int(count) < len(p.releases) {
			return released, p.leave(status)
		}
	}
}

// NextDeadline is when [Pacer.Poll] will release the next item: later than the latest time seen, also when it is overdue.
// False when nothing waits.
func (p *Pacer) NextDeadline() (uint64, bool, error) {
	var deadlineUs C.uint64_t
	if err := p.enter(); err != nil {
		return 0, false, err
	}
	status := C.heijunka_pacer_next_deadline(p.handle, &deadlineUs)
	return uint64(deadlineUs), status == C.HEIJUNKA_OK, p.leave(status)
}

// SetTakt sets the takt to availableUs / demand. What is left of the way to the next slot is left of the new takt, too: at
// half the takt, half the time.
//
// Fails with [ErrOutOfRange] unless 1 <= demand <= availableUs < 2^53, or with [ErrTimeOutOfRange].
func (p *Pacer) SetTakt(nowUs, availableUs, demand uint64) error {
	if err := p.enter(); err != nil {
		return err
	}
	return p.leave(C.heijunka_pacer_set_takt(
		p.handle, C.uint64_t(nowUs), C.uint64_t(availableUs), C.uint64_t(demand),
	))
}

// SetWeight sets a domain's weight, from 1 to 1,000,000. What waits stays; the new share counts from here on.
//
// Fails with [ErrUnknownDomain], [ErrOutOfRange] or [ErrTimeOutOfRange].
func (p *Pacer) SetWeight(nowUs uint64, domain DomainID, weight uint32) error {
	if err := p.enter(); err != nil {
		return err
	}
	return p.leave(C.heijunka_pacer_set_weight(
		p.handle, C.uint64_t(nowUs), C.uint32_t(domain), C.uint32_t(weight),
	))
}

// Status is the state and the lifetime counts.
func (p *Pacer) Status() (PacerStatus, error) {
	var status PacerStatus
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.handle == nil {
		return status, ErrClosed
	}
	text, err := readText(func(buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
		return C.heijunka_pacer_status(p.handle, buf, size, length)
	})
	if err != nil {
		return status, err
	}
	if err := json.Unmarshal(text, &status); err != nil {
		return status, fmt.Errorf("heijunka: a report that can't be read: %w", err)
	}
	return status, nil
}
