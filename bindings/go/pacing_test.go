package heijunka_test

import (
	"errors"
	"fmt"
	"log"
	"slices"
	"strings"
	"sync"
	"testing"

	"heijunka"
)

func ExamplePacer() {
	pacer, err := heijunka.NewPacer(`{"takt_us": 1000, "domains": {"orders": {"weight": 5}, "mail": {}, "reports": {}}}`, 0)
	if err != nil {
		log.Fatal(err)
	}
	defer pacer.Close()
	for item := range uint64(10) {
		for domain := range pacer.Domains() {
			if _, err := pacer.Offer(0, heijunka.DomainID(domain), item); err != nil {
				log.Fatal(err)
			}
		}
	}
	releases, err := pacer.Poll(6_000) // here a program sleeps until NextDeadline, again and again
	if err != nil {
		log.Fatal(err)
	}
	for _, release := range releases {
		fmt.Println(release.DueUs, pacer.DomainName(release.Domain), release.Item)
	}
	// Output:
	// 0 orders 0
	// 1000 orders 1
	// 2000 mail 0
	// 3000 orders 2
	// 4000 orders 3
	// 5000 reports 0
	// 6000 orders 4
}

func TestSequence(t *testing.T) {
	order, err := heijunka.Sequence([]uint32{3, 2, 1})
	if err != nil || !slices.Equal(order, []uint32{0, 1, 0, 2, 1, 0}) {
		t.Errorf("%v %v", order, err)
	}
	for _, counts := range [][]uint32{nil, {0, 0}, {1 << 24, 1}, {1 << 31, 1 << 31}} {
		if order, err := heijunka.Sequence(counts); !errors.Is(err, heijunka.ErrOutOfRange) || order != nil {
			t.Errorf("%v: %v %v", counts, order, err)
		}
	}
}

func TestPacerLoop(t *testing.T) {
	pacer, err := heijunka.NewPacer(map[string]any{
		"available_us": 10, "demand": 3, "domains": map[string]any{"a": map[string]any{"max_backlog": 600}},
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer pacer.Close()
	if _, some, err := pacer.NextDeadline(); some || err != nil {
		t.Error("nothing waits", err)
	}
	a, err := pacer.DomainID("a")
	if err != nil {
		t.Fatal(err)
	}
	for item := range uint64(600) {
		if offer, err := pacer.Offer(0, a, item); err != nil || !offer.Accepted || uint64(offer.Load) != item+1 {
			t.Fatal(offer, err)
		}
	}
	offer, err := pacer.Offer(0, a, 600)
	if err != nil || offer.Accepted || offer.Reason != heijunka.ReasonBacklogFull || offer.RetryAfter() == 0 {
		t.Error(offer, err)
	}
	first, err := pacer.PollAtMost(100, 2)
	if err != nil || !slices.Equal(first, []heijunka.Release{{Domain: a, Item: 0, DueUs: 0}, {Domain: a, Item: 1, DueUs: 4}}) {
		t.Error(first, err)
	}
	if none, err := pacer.PollAtMost(100, 0); err != nil || len(none) != 0 {
		t.Error(none, err)
	}
	// More than are taken out of the library at once.
	rest, err := pacer.Poll(10_000)
	if err != nil || len(rest) != 598 || rest[597].DueUs != (599*10+2)/3 {
		t.Error(len(rest), err)
	}
	status, err := pacer.Status()
	if err != nil || status.Released != 600 || status.Refused != 1 || status.NextDueUs != nil {
		t.Error(status, err)
	}
	if err := pacer.SetTakt(10_000, 1000, 1); err != nil {
		t.Error(err)
	}
	if err := pacer.SetWeight(10_000, a, 7); err != nil {
		t.Error(err)
	}
}

func TestPacerMisuse(t *testing.T) {
	_, err := heijunka.NewPacer(`{"takt_us": 0}`, 0)
	if !errors.Is(err, heijunka.ErrInvalidConfig) || !strings.Contains(err.Error(), "takt_us") {
		t.Error(err)
	}
	if _, err := heijunka.NewPacer(`{"takt_us": 1, "domains": {"a": {}}}`, 1<<53); !errors.Is(err, heijunka.ErrTimeOutOfRange) {
		t.Error(err)
	}
	pacer, err := heijunka.NewPacer(`{"takt_us": 1, "domains": {"a": {}}}`, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pacer.DomainID("b"); !errors.Is(err, heijunka.ErrUnknownDomain) {
		t.Error(err)
	}
	if _, err := pacer.Offer(0, 1, 0); !errors.Is(err, heijunka.ErrUnknownDomain) {
		t.Error(err)
	}
	if _, err := pacer.Offer(0, 0, 1<<53); !errors.Is(err, heijunka.ErrOutOfRange) {
		t.Error(err)
	}
	if _, err := pacer.Poll(1 << 53); !errors.Is(err, heijunka.ErrTimeOutOfRange) {
		t.Error(err)
	}
	if err := pacer.SetTakt(0, 1, 2); !errors.Is(err, heijunka.ErrOutOfRange) {
		t.Error(err)
	}
	if err := pacer.SetWeight(0, 0, 0); !errors.Is(err, heijunka.ErrOutOfRange) {
		t.Error(err)
	}
	pacer.Close()
	pacer.Close()
	if _, err := pacer.Poll(0); !errors.Is(err, heijunka.ErrClosed) {
		t.Error(err)
	}
	if _, err := pacer.Status(); !errors.Is(err, heijunka.ErrClosed) {
		t.Error(err)
	}
}

func TestPacerIsShared(t *testing.T) {
	pacer, err := heijunka.NewPacer(`{"takt_us": 1, "domains": {"a": {}, "b": {}}}`, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer pacer.Close()
	var group sync.WaitGroup
	var mutex sync.Mutex
	released := 0
	for worker := range 4 {
		group.Add(1)
		go func() {
			defer group.Done()
			for now := range uint64(200) {
				if _, err := pacer.Offer(now, heijunka.DomainID(worker%2), now); err != nil {
					t.Error(err)
				}
				releases, err := pacer.PollAtMost(now, 2)
				if err != nil {
					t.Error(err)
				}
				mutex.Lock()
				released += len(releases)
				mutex.Unlock()
			}
		}()
	}
	group.Wait()
	rest, err := pacer.Poll(1_000_000)
	if err != nil || released+len(rest) != 800 {
		t.Error(released, len(rest), err)
	}
}
