// Package heijunka levels load over pools of workers: who may come in, which pool serves it, how many workers there
// are, and what happens when everybody comes at once. [Engine] decides, and you own the clock, the goroutines and the
// I/O. [Leveler] is an engine with a clock, for those who don't want to hold one.
//
// # Ownership
//
// An [Engine] and a [Leveler] are yours until you call their Close. Everything else is a plain Go value. Tokens,
// workers, waiters and tickets are numbers, below 2^53 and never 0. One that was given back, has ended or never existed
// is recognized, is an error, and touches nobody else's.
//
// # Goroutines
//
// Any goroutine may call an engine at any time, Close included: there is a lock inside. An engine starts no goroutine; a
// leveler starts one, which ends with Close.
//
// # Errors and refusals
//
// A refusal is a normal answer and says why: its Reason, the Limit and the Load that decided, and when to retry.
// Misuse is an error: an [*Error], which [errors.Is] compares with [ErrUnknownToken] and the like by its code, the same
// code as in every other language. It changed nothing, but for the engine's latest time. Calls after Close answer
// [ErrClosed]. [Leveler.Do] has no answer but its error, so there a refusal is an [*Overload].
//
// # Time
//
// A time is a count of microseconds since any epoch you like, below 2^53. A monotonic clock is best. A time before the
// latest one seen counts as the latest one: time never runs backwards. The same configuration and the same calls give
// the same answers, always and on every machine.
//
// # The loop
//
//  1. Call an input (Dispatch, Complete, Admit, Checkin, …) when something happens, with the time it happens at, and
//     obey its answer.
//  2. Call [Engine.Step] when the time of [Engine.NextDeadline] has come.
//  3. Do what the effects say that Step answers: start these workers, stop those, this waiter has its worker now. After
//     an input, [Engine.Effects] takes them at once.
//
// # Building
//
// The package needs cgo and libheijunka. `cargo xtask install --prefix DIR` in a clone installs the library; then
//
//	export CGO_LDFLAGS="$(PKG_CONFIG_PATH=DIR/lib/pkgconfig pkg-config --libs heijunka) -Wl,-rpath,DIR/lib"
//
// lets the Go tool find it, and the programs as well. In the system's own folders it is found without that.
package heijunka
