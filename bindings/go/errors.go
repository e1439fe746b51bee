package heijunka

import "errors"

// Error is misuse: a call that was wrong and changed nothing, but for the engine's latest time. Compare it with the
// sentinels by [errors.Is]:
//
//	if errors.Is(err, heijunka.ErrUnknownToken) { … }
//
// A refusal is no error; it is a normal answer.
type Error struct {
	// Code is the stable number, the same in every language.
	Code int32
	// Name is the stable name, such as "unknown_token".
	Name string
	// Message says what was wrong. A configuration's lists every problem, a line each.
	Message string
}

// Error is the message, with the package's name in front.
func (e *Error) Error() string { return "heijunka: " + e.Message }

// Is tells whether the target is an error of the same code.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code
}

var sentinels []*Error

func sentinel(code int32, name, message string) error {
	err := &Error{Code: code, Name: name, Message: message}
	sentinels = append(sentinels, err)
	return err
}

// The errors of the core, for [errors.Is].
var (
	// A time of 2^53 microseconds or above.
	ErrTimeOutOfRange = sentinel(-1, "time_out_of_range", "time out of range")
	// A domain that the configuration doesn't have.
	ErrUnknownDomain = sentinel(-2, "unknown_domain", "unknown domain")
	// A pool that the configuration doesn't have.
	ErrUnknownPool = sentinel(-3, "unknown_pool", "unknown pool")
	// A token that was released, has expired or was never given out.
	ErrUnknownToken = sentinel(-4, "unknown_token", "unknown token")
	// A worker that isn't out (or, for WorkerReady, not starting), has left or never existed.
	ErrUnknownWorker = sentinel(-5, "unknown_worker", "unknown worker")
	// A waiter that was served, has expired, was cancelled or never existed.
	ErrUnknownWaiter = sentinel(-6, "unknown_waiter", "unknown waiter")
	// A ticket that was completed, has ended or was never given out.
	ErrUnknownTicket = sentinel(-7, "unknown_ticket", "unknown ticket")
	// A key longer than limits.max_key_bytes of the configuration.
	ErrKeyTooLong = sentinel(-8, "key_too_long", "key too long")
	// A setter's value outside what the configuration allows.
	ErrOutOfRange = sentinel(-9, "out_of_range", "out of range")
	// A configuration (or affinity groups) with problems; the message lists all of them, a line each.
	ErrInvalidConfig = sentinel(-10, "invalid_config", "invalid configuration")
	// A trace or workload that can't be read.
	ErrInvalidTrace = sentinel(-11, "invalid_trace", "invalid trace")
	// Bytes that are no snapshot that can be restored: cut short, damaged, newer than this library, …
	ErrInvalidSnapshot = sentinel(-12, "invalid_snapshot", "invalid snapshot")
	// Bytes that are no journal, or one that is damaged before its last record.
	ErrInvalidJournal = sentinel(-13, "invalid_journal", "invalid journal")
)

// The errors of the C library, for [errors.Is]. Go programs only meet the three that are marked, and those that are
// bugs.
var (
	// Never met.
	ErrNullPointer = sentinel(-20, "null_pointer", "null pointer")
	// The library is older than this package.
	ErrStructSize = sentinel(-21, "struct_size", "wrong size of a struct")
	// Met: a name or a configuration that isn't valid UTF-8.
	ErrInvalidUTF8 = sentinel(-22, "invalid_utf8", "invalid UTF-8")
	// Met: a class, outcome or preset outside its values.
	ErrInvalidArgument = sentinel(-23, "invalid_argument", "invalid argument")
	// Never met.
	ErrBufferTooSmall = sentinel(-24, "buffer_too_small", "buffer too small")
	// An earlier call on this engine ended with ErrPanic. All that is left to do with it is to close it.
	ErrPoisoned = sentinel(-25, "poisoned", "the engine is in an unknown state")
	// An internal error: a bug of the library. Please report it with its message.
	ErrPanic = sentinel(-26, "panic", "internal error")
)

// The errors of this package alone.
var (
	// ErrClosed is any call on an engine or a [Leveler] after its Close, or on one that wasn't made by its New.
	ErrClosed = errors.New("heijunka: closed")
	// ErrABI is a library that was built with another version of the interface than this package. It is checked when
	// the program starts; every function that would use the library then answers it.
	ErrABI = errors.New("heijunka: the library has another version of the interface")
)
