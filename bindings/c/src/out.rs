//! Out-parameters. All are checked before the core is called, so that a call that can't answer changes nothing.

use std::ffi::c_char;

use heijunka_core::WorkerId;
use serde::Serialize;

use crate::guard::Failure;
use crate::status;

/// A place for one value.
pub(crate) struct Out<T>(*mut T);

impl<T> Out<T> {
    /// # Safety
    /// `pointer` is NULL or valid for a write of one `T`; it needn't be aligned.
    pub(crate) unsafe fn new(pointer: *mut T, name: &'static str) -> Result<Self, Failure> {
        if pointer.is_null() { Err(Failure::null(name)) } else { Ok(Self(pointer)) }
    }

    pub(crate) fn write(&self, value: T) {
        // SAFETY: not NULL, and valid for a write, as who made this vouches for.
        unsafe { self.0.write_unaligned(value) };
    }
}

/// An answer struct. It may grow at its end.
pub(crate) trait Answer: Copy {
    /// Its size when it was first published: what the oldest caller passes.
    const FIRST_SIZE: usize;
}

/// No answer is this large: such a size is a mistake, and nothing is written at it.
const SIZE_LIMIT: usize = 4096;

/// A place for an answer, of the size that the caller knows.
pub(crate) struct AnswerOut<T> {
    place: *mut T,
    size: usize,
}

impl<T: Answer> AnswerOut<T> {
    /// # Safety
    /// `place` is NULL or valid for writes of `size` bytes; it needn't be aligned.
    pub(crate) unsafe fn new(size: usize, place: *mut T, name: &'static str) -> Result<Self, Failure> {
        if place.is_null() {
            return Err(Failure::null(name));
        }
        if size < T::FIRST_SIZE || size > SIZE_LIMIT {
            let text = format!("`out_size` = {size} is no size of `{name}`: pass `sizeof *{name}`");
            return Err(Failure::Text(status::HEIJUNKA_ERROR_STRUCT_SIZE, text.into()));
        }
        Ok(Self { place, size })
    }

    /// Writes what the caller knows of the answer, and zeros over what it knows beyond that.
    pub(crate) fn write(&self, answer: &T) {
        let known = self.size.min(size_of::<T>());
        let place = self.place.cast::<u8>();
        // SAFETY: `place` is valid for `size` bytes, as who made this vouches for; an answer is `repr(C)` without
        // implicit padding, so all its bytes are set, and it can't overlap with a value of our own.
        unsafe {
            place.copy_from_nonoverlapping(std::ptr::from_ref(answer).cast(), known);
            place.add(known).write_bytes(0, self.size - known);
        }
    }
}

/// An array for answers, each of the size that the caller knows.
pub(crate) struct AnswersOut<T> {
    place: *mut T,
    size: usize,
    capacity: usize,
}

impl<T: Answer> AnswersOut<T> {
    /// # Safety
    /// `place` is NULL or valid for writes of `capacity` times `size` bytes; it needn't be aligned.
    pub(crate) unsafe fn new(
        size: usize,
        place: *mut T,
        capacity: usize,
        name: &'static str,
    ) -> Result<Self, Failure> {
        // An array of none has no place.
        let first = if capacity == 0 { std::ptr::dangling_mut() } else { place };
        // SAFETY: only what is checked of one is asked for here.
        unsafe { AnswerOut::new(size, first, name) }?;
        if isize::try_from(capacity).ok().and_then(|capacity| capacity.checked_mul(4096)).is_none() {
            return Err(Failure::argument(format!("`{name}` can't hold {capacity} structs")));
        }
        Ok(Self { place, size, capacity })
    }

    /// Writes the answer at `index`; one beyond the end isn't written.
    pub(crate) fn write(&self, index: usize, answer: &T) {
        if index < self.capacity {
            // SAFETY: within the array, as who made this vouches for.
            let place = unsafe { self.place.byte_add(index * self.size) };
            AnswerOut { place, size: self.size }.write(answer);
        }
    }
}

/// A buffer for text.
pub(crate) struct TextOut {
    buffer: *mut c_char,
    capacity: usize,
    length: Out<usize>,
}

impl TextOut {
    /// # Safety
    /// `buffer` is NULL or valid for writes of `capacity` bytes, and `out_len` NULL or valid for a write.
    pub(crate) unsafe fn new(
        buffer: *mut c_char,
        capacity: usize,
        out_len: *mut usize,
    ) -> Result<Self, Failure> {
        // SAFETY: passed on to the caller.
        let length = unsafe { Out::new(out_len, "out_len") }?;
        if buffer.is_null() && capacity > 0 {
            return Err(Failure::null("buf"));
        }
        Ok(Self { buffer, capacity, length })
    }

    /// Writes the text and its NUL, or only its length when that is all that was asked for.
    pub(crate) fn write(&self, text: &str) -> Result<i32, Failure> {
        self.length.write(text.len());
        if self.buffer.is_null() {
            return Ok(status::HEIJUNKA_OK);
        }
        if text.len() >= self.capacity {
            let needed = text.len().saturating_add(1);
            return Err(too_small(format!("`buf` holds {} bytes, and {needed} are needed", self.capacity)));
        }
        let buffer = self.buffer.cast::<u8>();
        // SAFETY: the buffer is valid for `capacity` bytes, as who made this vouches for, and the text and its NUL
        // are no more.
        unsafe {
            buffer.copy_from_nonoverlapping(text.as_ptr(), text.len());
            buffer.add(text.len()).write(0);
        }
        Ok(status::HEIJUNKA_OK)
    }

    /// Writes a value as JSON.
    pub(crate) fn write_json<T: Serialize>(&self, value: &T) -> Result<i32, Failure> {
        self.write(&serde_json::to_string(value).map_err(|error| Failure::internal(&error))?)
    }
}

/// A buffer for bytes.
pub(crate) struct BytesOut {
    buffer: *mut u8,
    pub(crate) capacity: usize,
    length: Out<usize>,
}

impl BytesOut {
    /// # Safety
    /// `buffer` is NULL or valid for writes of `capacity` bytes, and `out_len` NULL or valid for a write.
    pub(crate) unsafe fn new(buffer: *mut u8, capacity: usize, out_len: *mut usize) -> Result<Self, Failure> {
        // SAFETY: passed on to the caller.
        let length = unsafe { Out::new(out_len, "out_len") }?;
        if buffer.is_null() && capacity > 0 {
            return Err(Failure::null("buf"));
        }
        Ok(Self { buffer, capacity, length })
    }

    /// Whether only the length was asked for.
    pub(crate) fn asks_length(&self) -> bool {
        self.buffer.is_null()
    }

    /// Writes how many bytes there are, or are needed.
    pub(crate) fn write_length(&self, length: usize) {
        self.length.write(length);
    }

    /// The failure of a buffer that is too small; the length that is needed is written.
    pub(crate) fn too_small(&self, needed: usize) -> Failure {
        self.length.write(needed);
        too_small(format!("`buf` holds {} bytes, and {needed} are needed", self.capacity))
    }

    /// Writes the bytes, or only their length when that is all that was asked for.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<i32, Failure> {
        if !self.asks_length() {
            if bytes.len() > self.capacity {
                return Err(self.too_small(bytes.len()));
            }
            // SAFETY: the buffer is valid for `capacity` bytes, as who made this vouches for, and these are no more.
            unsafe { self.buffer.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        }
        self.length.write(bytes.len());
        Ok(status::HEIJUNKA_OK)
    }
}

/// An array for the ids of workers.
pub(crate) struct WorkersOut {
    place: *mut u64,
    capacity: usize,
    count: Out<usize>,
}

impl WorkersOut {
    /// # Safety
    /// `place` is NULL or valid for writes of `capacity` ids, and `out_count` NULL or valid for a write.
    pub(crate) unsafe fn new(
        place: *mut u64,
        capacity: usize,
        out_count: *mut usize,
    ) -> Result<Self, Failure> {
        // SAFETY: passed on to the caller.
        let count = unsafe { Out::new(out_count, "out_worker_count") }?;
        if place.is_null() && capacity > 0 {
            return Err(Failure::null("workers"));
        }
        Ok(Self { place, capacity, count })
    }

    /// Writes the ids and their count; when they don't fit, the count alone.
    pub(crate) fn write(&self, workers: &[WorkerId]) -> Result<(), Failure> {
        self.count.write(workers.len());
        if workers.len() > self.capacity {
            let (capacity, needed) = (self.capacity, workers.len());
            return Err(too_small(format!("`workers` holds {capacity} ids, and {needed} are needed")));
        }
        for (index, worker) in workers.iter().enumerate() {
            // SAFETY: the place is valid for `capacity` ids, as who made this vouches for, and there are no more.
            unsafe { self.place.add(index).write_unaligned(worker.get()) };
        }
        Ok(())
    }
}

/// An array for counts.
pub(crate) struct CountsOut {
    place: *mut u32,
    capacity: usize,
    length: Out<usize>,
}

impl CountsOut {
    /// # Safety
    /// `place` is NULL or valid for writes of `capacity` counts, and `out_len` NULL or valid for a write.
    pub(crate) unsafe fn new(place: *mut u32, capacity: usize, out_len: *mut usize) -> Result<Self, Failure> {
        // SAFETY: passed on to the caller.
        let length = unsafe { Out::new(out_len, "out_len") }?;
        if place.is_null() && capacity > 0 {
            return Err(Failure::null("out_order"));
        }
        Ok(Self { place, capacity, length })
    }

    /// Writes the counts and how many they are; when they don't fit, or it is all that was asked for, that alone.
    pub(crate) fn write(&self, counts: &[u32]) -> Result<i32, Failure> {
        self.length.write(counts.len());
        if self.place.is_null() {
            return Ok(status::HEIJUNKA_OK);
        }
        if counts.len() > self.capacity {
            let (capacity, needed) = (self.capacity, counts.len());
            return Err(too_small(format!("`out_order` holds {capacity} items, and {needed} are needed")));
        }
        for (index, count) in counts.iter().enumerate() {
            // SAFETY: the place is valid for `capacity` counts, as who made this vouches for, and there are no more.
            unsafe { self.place.add(index).write_unaligned(*count) };
        }
        Ok(status::HEIJUNKA_OK)
    }
}

fn too_small(text: String) -> Failure {
    Failure::Text(status::HEIJUNKA_ERROR_BUFFER_TOO_SMALL, text.into())
}
