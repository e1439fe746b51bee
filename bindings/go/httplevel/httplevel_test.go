package httplevel_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"heijunka"
	"heijunka/httplevel"
)

const narrow = `{"pools": {"p": {"initial_workers": 1, "min_workers": 1, "max_waiting": 5}}}`

func leveler(t testing.TB, config any) *heijunka.Leveler {
	t.Helper()
	leveler, err := heijunka.NewLeveler(config, heijunka.LevelerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { leveler.Close() })
	return leveler
}

func serve(handler http.Handler, r *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, r)
	return recorder
}

func get() *http.Request { return httptest.NewRequest(http.MethodGet, "/", nil) }

func status(t *testing.T, l *heijunka.Leveler) heijunka.PoolStatus {
	t.Helper()
	status, err := l.Engine().PoolStatus(0)
	if err != nil {
		t.Fatal(err)
	}
	return status
}

func TestServesAndSheds(t *testing.T) {
	l := leveler(t, narrow)
	inside, leave := make(chan struct{}), make(chan struct{})
	handler := httplevel.Middleware(l, 0, httplevel.Options{})(http.HandlerFunc(
		func(w http.ResponseWriter, _ *http.Request) {
			inside <- struct{}{}
			<-leave
			fmt.Fprint(w, "served")
		},
	))
	first := make(chan *httptest.ResponseRecorder)
	go func() { first <- serve(handler, get()) }()
	<-inside

	refused := serve(handler, get())
	if refused.Code != http.StatusServiceUnavailable {
		t.Error(refused.Code)
	}
	if seconds, err := strconv.Atoi(refused.Header().Get("Retry-After")); err != nil || seconds < 1 {
		t.Error(refused.Header())
	}
	if body := refused.Body.String(); !strings.HasPrefix(body, "overloaded (busy), retry in ") {
		t.Error(body)
	}

	close(leave)
	if served := <-first; served.Code != http.StatusOK || served.Body.String() != "served" {
		t.Error(served.Code, served.Body)
	}
	if status := status(t, l); status.BusyWorkers != 0 || status.FailedRequests != 0 || status.TotalRequests != 1 {
		t.Errorf("%+v", status)
	}
}

func TestOwnAnswerToARefusal(t *testing.T) {
	l := leveler(t, narrow)
	if err := l.Call(func(e *heijunka.Engine, nowUs uint64) error { return e.SetDomainOpen(nowUs, 0, false) }); err != nil {
		t.Fatal(err)
	}
	handler := httplevel.Middleware(l, 0, httplevel.Options{
		Refused: func(w http.ResponseWriter, _ *http.Request, overload *heijunka.Overload) {
			w.WriteHeader(http.StatusTooManyRequests)
			fmt.Fprint(w, overload.Reason)
		},
	})(http.NotFoundHandler())
	refused := serve(handler, get())
	if refused.Code != http.StatusTooManyRequests || refused.Body.String() != "domain_closed" ||
		refused.Header().Get("Retry-After") == "" {
		t.Error(refused.Code, refused.Body, refused.Header())
	}
}

func TestWaitsUntilTheDeadline(t *testing.T) {
	l := leveler(t, narrow)
	permit, err := l.Acquire(context.Background(), heijunka.Request{})
	if err != nil {
		t.Fatal(err)
	}
	handler := httplevel.Middleware(l, 0, httplevel.Options{})(http.NotFoundHandler())
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	late := serve(handler, get().WithContext(ctx))
	if late.Code != http.StatusServiceUnavailable || late.Header().Get("Retry-After") != "1" {
		t.Error(late.Code, late.Header())
	}
	ctx, cancel = context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	answer := make(chan int)
	go func() { answer <- serve(handler, get().WithContext(ctx)).Code }()
	for status(t, l).QueueLength == 0 {
		time.Sleep(time.Millisecond)
	}
	permit.Done(heijunka.OutcomeOK)
	if code := <-answer; code != http.StatusNotFound {
		t.Error(code)
	}
}

func TestWhatFails(t *testing.T) {
	l := leveler(t, narrow)
	for index, one := range []struct {
		failed uint64
		handle http.HandlerFunc
	}{
		{0, func(http.ResponseWriter, *http.Request) {}},
		{0, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }},
		{0, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "x"); w.WriteHeader(500) }},
		{1, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(500) }},
		{2, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }},
		{3, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
	} {
		func() {
			defer func() {
				if found := recover(); found != nil && found != http.ErrAbortHandler {
					t.Error(found)
				}
			}()
			serve(httplevel.Middleware(l, 0, httplevel.Options{})(one.handle), get())
		}()
		if status := status(t, l); status.FailedRequests != one.failed || status.BusyWorkers != 0 {
			t.Errorf("%d: %d failed, %d busy", index, status.FailedRequests, status.BusyWorkers)
		}
	}
}

func TestKeysAndClasses(t *testing.T) {
	l := leveler(t, `{"regulator": {"soft_limit": 1, "hard_limit": 2, "reserved_capacity": 0.5},
		"domains": {"p": {"max_class": "critical"}}, "pools": {"p": {"initial_workers": 9}}}`)
	handler := httplevel.Middleware(l, 0, httplevel.Options{
		Key: func(r *http.Request) string { return strings.Repeat("k", int(r.ContentLength)) },
		Class: func(r *http.Request) heijunka.Class {
			if r.Header.Get("X-Urgent") != "" {
				return heijunka.ClassCritical
			}
			return heijunka.ClassDefault
		},
	})(http.NotFoundHandler())
	permit, err := l.Acquire(context.Background(), heijunka.Request{})
	if err != nil {
		t.Fatal(err)
	}
	defer permit.Done(heijunka.OutcomeOK)
	if code := serve(handler, get()).Code; code != http.StatusServiceUnavailable {
		t.Error(code)
	}
	urgent := get()
	urgent.Header.Set("X-Urgent", "1")
	if code := serve(handler, urgent).Code; code != http.StatusNotFound {
		t.Error(code)
	}
	urgent.ContentLength = 100_000
	if code := serve(handler, urgent).Code; code != http.StatusBadRequest {
		t.Error(code)
	}
	unknown := httplevel.Middleware(l, 99, httplevel.Options{})(http.NotFoundHandler())
	if code := serve(unknown, get()).Code; code != http.StatusInternalServerError {
		t.Error(code)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if code := serve(handler, get().WithContext(cancelled)).Code; code != http.StatusServiceUnavailable {
		t.Error(code)
	}
	l.Close()
	if closed := serve(handler, get()); closed.Code != http.StatusServiceUnavailable || closed.Header().Get("Retry-After") != "1" {
		t.Error(closed.Code)
	}
}

func TestThroughAServer(t *testing.T) {
	l := leveler(t, nil)
	server := httptest.NewServer(httplevel.Middleware(l, 0, httplevel.Options{})(http.HandlerFunc(
		func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "one, ")
			w.(http.Flusher).Flush()
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			fmt.Fprint(w, "two")
		},
	)))
	defer server.Close()
	response, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); string(body) != "one, two" || err != nil {
		t.Errorf("%q, %v", body, err)
	}
}

func TestRetryAfter(t *testing.T) {
	for after, want := range map[time.Duration]int64{
		0: 1, 1: 1, time.Second: 1, time.Second + 1: 2, 1500 * time.Millisecond: 2, -time.Hour: 1, time.Hour: 3600,
	} {
		if got := httplevel.RetryAfter(after); got != want {
			t.Errorf("%v: %d", after, got)
		}
	}
}

func ExampleMiddleware() {
	leveler, err := heijunka.NewLeveler("[pools.api]\ninitial_workers = 50\nmax_waiting = 200\n",
		heijunka.LevelerOptions{MaxWait: 2 * time.Second})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer leveler.Close()
	api, err := leveler.Engine().DomainID("api")
	if err != nil {
		fmt.Println(err)
		return
	}
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") })
	handler := httplevel.Middleware(leveler, api, httplevel.Options{
		Key: func(r *http.Request) string { return r.Header.Get("X-Customer") },
	})(hello)

	response := serve(handler, get())
	fmt.Println(response.Code, response.Body)
	// Output: 200 hello
}
