//! The engine's handle: made, named, freed.

use std::ffi::c_char;
use std::sync::Mutex;

use heijunka_core::{Config, DomainId, Engine, Error, PoolId};

use crate::guard::{Failure, enter};
use crate::out::{Out, TextOut};
use crate::{args, status};

/// An engine: a state machine that decides, and a lock around it. Any thread may call it at any time; a call holds
/// the lock for about a microsecond. It reads no clock, does no I/O and starts no thread.
pub struct heijunka_engine {
    inner: Mutex<Inner>,
}

/// What the lock guards.
pub(crate) struct Inner {
    pub(crate) core: Engine,
}

/// Runs a call on a locked engine.
///
/// # Safety
/// `engine` is NULL or a handle that isn't freed meanwhile.
pub(crate) unsafe fn with<T>(
    engine: *const heijunka_engine,
    call: impl FnOnce(&mut Inner) -> Result<T, Failure>,
) -> Result<T, Failure> {
    // SAFETY: passed on to the caller.
    let engine = unsafe { engine.as_ref() }.ok_or_else(|| Failure::null("engine"))?;
    let mut inner = engine.inner.lock().map_err(|_| Failure::poisoned())?;
    call(&mut inner)
}

/// Makes an engine that starts at `now_us`, and writes it to `*out_engine`. `config` is JSON (text that begins with
/// a brace) or TOML, `config_len` bytes; NULL with 0 is the empty configuration: the default system.
///
/// The pools' initial workers are there at once, without an effect: heijunka_engine_pool_workers lists them.
///
/// Fails with HEIJUNKA_ERROR_INVALID_CONFIG (heijunka_last_error then lists all that is wrong, a line each),
/// INVALID_UTF8 or TIME_OUT_OF_RANGE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_new(
    config: *const c_char,
    config_len: usize,
    now_us: u64,
    out_engine: *mut *mut heijunka_engine,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of pointers.
        let (out, value) =
            unsafe { (Out::new(out_engine, "out_engine")?, args::value(config, config_len, "config")?) };
        let core = Engine::new(&Config::from_value(&value)?, now_us)?;
        out.write(handle(core));
        Ok(status::HEIJUNKA_OK)
    })
}

/// A handle of an engine.
pub(crate) fn handle(core: Engine) -> *mut heijunka_engine {
    Box::into_raw(Box::new(heijunka_engine { inner: Mutex::new(Inner { core }) }))
}

/// Frees an engine and all it knows. NULL is fine. No other thread may be inside a call on it, or call it again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_free(engine: *mut heijunka_engine) {
    enter(|| {
        if !engine.is_null() {
            // SAFETY: heijunka_engine_new made it so, and the caller frees it once.
            drop(unsafe { Box::from_raw(engine) });
        }
        Ok(status::HEIJUNKA_OK)
    });
}

/// The id of the domain with this name, for all other calls: a number from 0 to their count − 1, fixed for the
/// engine's life. Costs a search through the names: look it up once.
///
/// Fails with HEIJUNKA_ERROR_UNKNOWN_DOMAIN.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_domain_id(
    engine: *const heijunka_engine,
    name: *const c_char,
    name_len: usize,
    out_domain: *mut u32,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and pointers.
        let (out, name) =
            unsafe { (Out::new(out_domain, "out_domain")?, args::text(name, name_len, "name")?) };
        // SAFETY: as above.
        let id = unsafe { with(engine, |inner| Ok(inner.core.domain_id(name))) }?;
        let id = id.ok_or_else(|| Failure::unknown_domain(name))?;
        out.write(id.get());
        Ok(status::HEIJUNKA_OK)
    })
}

/// The id of the pool with this name; as heijunka_engine_domain_id.
///
/// Fails with HEIJUNKA_ERROR_UNKNOWN_POOL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_pool_id(
    engine: *const heijunka_engine,
    name: *const c_char,
    name_len: usize,
    out_pool: *mut u32,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and pointers.
        let (out, name) = unsafe { (Out::new(out_pool, "out_pool")?, args::text(name, name_len, "name")?) };
        // SAFETY: as above.
        let id = unsafe { with(engine, |inner| Ok(inner.core.pool_id(name))) }?;
        let id = id.ok_or_else(|| Failure::unknown_pool(name))?;
        out.write(id.get());
        Ok(status::HEIJUNKA_OK)
    })
}

/// A domain's name.
///
/// Fails with HEIJUNKA_ERROR_UNKNOWN_DOMAIN.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_domain_name(
    engine: *const heijunka_engine,
    domain: u32,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and buffers.
        let out = unsafe { TextOut::new(buf, cap, out_len) }?;
        let read = |inner: &mut Inner| {
            let name = inner.core.domain_name(DomainId::new(domain)).map(str::to_owned);
            name.ok_or(Failure::Core(Error::UnknownDomain { domain }))
        };
        // SAFETY: as above.
        out.write(&unsafe { with(engine, read) }?)
    })
}

/// A pool's name.
///
/// Fails with HEIJUNKA_ERROR_UNKNOWN_POOL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_pool_name(
    engine: *const heijunka_engine,
    pool: u32,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and buffers.
        let out = unsafe { TextOut::new(buf, cap, out_len) }?;
        let read = |inner: &mut Inner| {
            let name = inner.core.pool_name(PoolId::new(pool)).map(str::to_owned);
            name.ok_or(Failure::Core(Error::UnknownPool { pool }))
        };
        // SAFETY: as above.
        out.write(&unsafe { with(engine, read) }?)
    })
}

/// How many domains there are; their ids are 0, 1, ….
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_domain_count(
    engine: *const heijunka_engine,
    out_count: *mut u32,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and pointers.
        let out = unsafe { Out::new(out_count, "out_count") }?;
        // SAFETY: as above.
        out.write(unsafe { with(engine, |inner| Ok(inner.core.domain_count())) }?);
        Ok(status::HEIJUNKA_OK)
    })
}

/// How many pools there are; their ids are 0, 1, ….
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_pool_count(
    engine: *const heijunka_engine,
    out_count: *mut u32,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and pointers.
        let out = unsafe { Out::new(out_count, "out_count") }?;
        // SAFETY: as above.
        out.write(unsafe { with(engine, |inner| Ok(inner.core.pool_count())) }?);
        Ok(status::HEIJUNKA_OK)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::last_error;

    fn engine() -> *mut heijunka_engine {
        let mut engine = std::ptr::null_mut();
        // SAFETY: no configuration, and a place for the handle.
        let status = unsafe { heijunka_engine_new(std::ptr::null(), 0, 0, &raw mut engine) };
        assert_eq!(status, status::HEIJUNKA_OK);
        engine
    }

    /// No input makes the core panic, so that this can't be reached from C.
    #[test]
    fn a_panic_is_answered_and_poisons_the_handle() {
        let engine = engine();
        // SAFETY: a live handle.
        let broken =
            enter(|| unsafe { with(engine, |_| -> Result<i32, Failure> { panic!("out of {}", "luck") }) });
        assert_eq!(broken, status::HEIJUNKA_ERROR_PANIC);
        assert_eq!(last_error(), "internal error: out of luck");
        let mut count = 77;
        for _ in 0..2 {
            // SAFETY: a live handle and a place for the count.
            let status = unsafe { heijunka_engine_pool_count(engine, &raw mut count) };
            assert_eq!(status, status::HEIJUNKA_ERROR_POISONED);
        }
        assert_eq!(count, 77, "nothing is written");
        assert!(last_error().contains("free it"));
        // SAFETY: freed once.
        unsafe { heijunka_engine_free(engine) };
    }

    #[test]
    fn a_panic_outside_the_lock_leaves_the_handle_as_it_was() {
        let engine = engine();
        assert_eq!(enter(|| panic!("elsewhere")), status::HEIJUNKA_ERROR_PANIC);
        let mut count = 0;
        // SAFETY: a live handle and a place for the count.
        let status = unsafe { heijunka_engine_pool_count(engine, &raw mut count) };
        assert_eq!((status, count), (status::HEIJUNKA_OK, 3));
        // SAFETY: freed once.
        unsafe { heijunka_engine_free(engine) };
    }
}
