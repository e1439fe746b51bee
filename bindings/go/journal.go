package heijunka

// #include "heijunka.h"
import "C"

import (
	"encoding/json"
	"runtime"
	"unsafe"
)

// Snapshot is all that the engine holds, as bytes: [Restore] makes an engine of them that goes on as this one would, also
// on another platform or in another language. It changes nothing.
func (e *Engine) Snapshot() ([]byte, error) {
	return e.readBytes(func(buf *C.uint8_t, size C.size_t, length *C.size_t) C.int32_t {
		return C.heijunka_engine_snapshot(e.handle, buf, size, length)
	})
}

// Restore makes the engine that a snapshot was taken of. It isn't recorded. Close it when done with it.
//
// Fails with [ErrInvalidSnapshot] for bytes that are no snapshot, are cut short, damaged or newer than the library.
func Restore(snapshot []byte) (*Engine, error) {
	if abiErr != nil {
		return nil, abiErr
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var handle *C.heijunka_engine
	status := C.heijunka_engine_restore(octets(snapshot), C.size_t(len(snapshot)), &handle)
	return made(handle, status)
}

// RestoreWith is as [Restore], and leads the engine on by the records that a journal has after the snapshot: the engine as
// it was last.
//
// Fails with [ErrInvalidSnapshot], also when the journal doesn't go on where the snapshot was taken, or
// [ErrInvalidJournal].
func RestoreWith(snapshot, journal []byte) (*Engine, error) {
	if abiErr != nil {
		return nil, abiErr
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var handle *C.heijunka_engine
	status := C.heijunka_engine_restore_with(
		octets(snapshot), C.size_t(len(snapshot)), octets(journal), C.size_t(len(journal)), &handle,
	)
	return made(handle, status)
}

// StartJournal begins to record every input, from now on: append what [Engine.DrainJournal] answers to a file, now and
// then. What nobody drains is bounded (limits.max_journal_bytes of the configuration): past that nothing is recorded until
// the next drain, and JournalLost of [Engine.EngineStatus] counts what is missing.
func (e *Engine) StartJournal() error {
	if err := e.enter(); err != nil {
		return err
	}
	return e.leave(C.heijunka_engine_journal_start(e.handle))
}

// DrainJournal takes what was recorded and not drained yet: whole records, to be appended to what was drained before. Empty
// when there is nothing.
func (e *Engine) DrainJournal() ([]byte, error) {
	return e.readBytes(func(buf *C.uint8_t, size C.size_t, length *C.size_t) C.int32_t {
		return C.heijunka_engine_journal_drain(e.handle, buf, size, length)
	})
}

// JournalVerify replays a journal with its own configuration and compares each answer, and each effect that was drained. The
// result is JSON: equal, records, headers, effects, now_us, differs (the first record that was answered otherwise, or null),
// torn (a torn tail that is left out, or null).
//
// Fails with [ErrInvalidJournal].
func JournalVerify(journal []byte) (json.RawMessage, error) {
	return readText(func(buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
		return C.heijunka_journal_verify(octets(journal), C.size_t(len(journal)), buf, size, length)
	})
}

// JournalReplay replays a journal with its own configuration and with another one side by side. What is decided otherwise is
// JSON: records, headers, skipped, from_us, to_us, differ, operations, differences (at most limit), recorded and other (what
// came of it in each world), torn. config is as for [New].
//
// Fails with [ErrInvalidJournal] or [ErrInvalidConfig].
func JournalReplay(journal []byte, config any, limit uint32) (json.RawMessage, error) {
	text, err := configText(config)
	if err != nil {
		return nil, err
	}
	return readText(func(buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
		return C.heijunka_journal_replay(
			octets(journal), C.size_t(len(journal)), chars(text), C.size_t(len(text)), C.uint32_t(limit),
			buf, size, length,
		)
	})
}

// JournalTrace is the requests that a journal tells of, as a trace in CSV (arrival_us, domain, service_us, key): traffic for
// simulations. A request is a dispatch, or an admission up to its release, which has no key. One that was refused, or had
// not ended, gets the mean service of its domain's others that ended well.
//
// Fails with [ErrInvalidJournal].
func JournalTrace(journal []byte) ([]byte, error) {
	return readText(func(buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
		return C.heijunka_journal_trace(
			octets(journal), C.size_t(len(journal)), (*C.uint8_t)(unsafe.Pointer(buf)), size, length,
		)
	})
}

// JournalRecords is a journal's extent, and count of its records from number first on, as JSON: count, headers, from_us,
// to_us, operations, config, torn, records.
//
// Fails with [ErrInvalidJournal].
func JournalRecords(journal []byte, first, count uint64) (json.RawMessage, error) {
	return readText(func(buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
		return C.heijunka_journal_records(
			octets(journal), C.size_t(len(journal)), C.uint64_t(first), C.uint64_t(count), buf, size, length,
		)
	})
}

// readBytes calls with a buffer that is as long as the first call asks for.
func (e *Engine) readBytes(call func(buf *C.uint8_t, size C.size_t, length *C.size_t) C.int32_t) ([]byte, error) {
	if err := e.enter(); err != nil {
		return nil, err
	}
	var length C.size_t
	status := call(nil, 0, &length)
	var buffer []byte
	if status >= 0 {
		// Drained effects that aren't recorded yet make one more record.
		buffer = make([]byte, int(length)+64)
		status = call((*C.uint8_t)(unsafe.Pointer(&buffer[0])), C.size_t(len(buffer)), &length)
	}
	if err := e.leave(status); err != nil {
		return nil, err
	}
	return buffer[:length:length], nil
}

// octets is where bytes lie. None have no place; the library doesn't ask for one.
func octets(bytes []byte) *C.uint8_t { return (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(bytes))) }
