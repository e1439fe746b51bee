// Package httplevel levels the load of HTTP servers: requests that a [heijunka.Leveler] refuses are answered with 503
// and Retry-After, before they cost anything.
package httplevel

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"heijunka"
)

// Options are what the middleware may be told. The zero value will do.
type Options struct {
	// Key says which requests belong together, such as those of a customer; nil: none do.
	Key func(*http.Request) string
	// Class says what a request is worth; nil: what the domain says.
	Class func(*http.Request) heijunka.Class
	// Refused answers a refused request, after Retry-After was set; nil: with 503 and a line of text.
	Refused func(http.ResponseWriter, *http.Request, *heijunka.Overload)
}

// Middleware lets the requests of a domain in by a leveler's rules. A request waits in its pool's line until its
// context's deadline; where there is none, MaxWait of the leveler's options says how long. One that is answered with a
// status of 500 or above, and one that panics, counts as failed.
func Middleware(
	leveler *heijunka.Leveler, domain heijunka.DomainID, options Options,
) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return &handler{leveler, domain, options, next}
	}
}

type handler struct {
	leveler *heijunka.Leveler
	domain  heijunka.DomainID
	options Options
	next    http.Handler
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request := heijunka.Request{Domain: h.domain}
	if h.options.Key != nil {
		request.Key = h.options.Key(r)
	}
	if h.options.Class != nil {
		request.Class = h.options.Class(r)
	}
	permit, err := h.leveler.Acquire(r.Context(), request)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	outcome := heijunka.OutcomeFailed
	defer func() { permit.Done(outcome) }()
	seen := &writer{ResponseWriter: w}
	h.next.ServeHTTP(seen, r)
	if seen.status < http.StatusInternalServerError {
		outcome = heijunka.OutcomeOK
	}
}

func (h *handler) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var overload *heijunka.Overload
	switch {
	case errors.As(err, &overload):
		seconds := RetryAfter(overload.RetryAfter)
		w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
		if h.options.Refused != nil {
			h.options.Refused(w, r, overload)
			return
		}
		text := fmt.Sprintf("overloaded (%v), retry in %d s", overload.Reason, seconds)
		http.Error(w, text, http.StatusServiceUnavailable)
	case errors.Is(err, heijunka.ErrClosed):
		w.Header().Set("Retry-After", "1")
		http.Error(w, "shutting down", http.StatusServiceUnavailable)
	case r.Context().Err() != nil:
		// Nobody reads this any more.
		http.Error(w, "gave up waiting", http.StatusServiceUnavailable)
	case errors.Is(err, heijunka.ErrKeyTooLong):
		http.Error(w, "key too long", http.StatusBadRequest)
	default:
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
}

// RetryAfter is a duration as the header Retry-After takes it: whole seconds, rounded up, at least 1.
func RetryAfter(after time.Duration) int64 {
	seconds := int64(after / time.Second)
	if after%time.Second > 0 {
		seconds++
	}
	return max(seconds, 1)
}

// writer remembers the status.
type writer struct {
	http.ResponseWriter
	status int
}

// WriteHeader passes the status on. Informational ones don't count: another one follows.
func (w *writer) WriteHeader(status int) {
	if w.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write is 200 where no status was written before.
func (w *writer) Write(body []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(body)
}

// Flush is for handlers that ask for [http.Flusher].
func (w *writer) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Unwrap is for [http.ResponseController].
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
