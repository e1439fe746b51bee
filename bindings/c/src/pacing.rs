//! The heijunka box: the leveled order of a product mix, and a pacer that releases items at takt time.

use std::ffi::c_char;
use std::sync::Mutex;

use heijunka_core::pacing::{Offer, Pacer, PacerConfig, Release, sequence};
use heijunka_core::{DomainId, Error};

use crate::guard::{Failure, enter};
use crate::out::{Answer, AnswerOut, AnswersOut, CountsOut, Out, TextOut};
use crate::{args, status};

/// The answer to heijunka_pacer_offer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct heijunka_offer {
    /// When refused: the earliest time worth retrying, in microseconds from now (never 0). Else 0.
    pub retry_after_us: u64,
    /// Why: HEIJUNKA_REASON_ACCEPTED or BACKLOG_FULL.
    pub reason: u32,
    /// The limit that decided: the domain's `max_backlog`, or, when all domains together are full, the pacer's.
    pub limit: u32,
    /// The items that wait, of the domain or of all; when accepted the domain's, the new one among them.
    pub load: u32,
    /// 1: accepted, 0: refused.
    pub accepted: u8,
    /// Always 0.
    pub reserved: [u8; 3],
}

impl Answer for heijunka_offer {
    const FIRST_SIZE: usize = 24;
}

impl From<&Offer> for heijunka_offer {
    fn from(answer: &Offer) -> Self {
        Self {
            retry_after_us: answer.retry_after_us,
            reason: answer.reason.code(),
            limit: answer.limit,
            load: answer.load,
            accepted: answer.accepted.into(),
            reserved: [0; 3],
        }
    }
}

/// An item that heijunka_pacer_poll released.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct heijunka_release {
    /// The item, as it was offered.
    pub item: u64,
    /// When it was due.
    pub due_us: u64,
    /// Whose it is.
    pub domain: u32,
    /// Always 0.
    pub reserved: [u8; 4],
}

impl Answer for heijunka_release {
    const FIRST_SIZE: usize = 24;
}

impl From<&Release> for heijunka_release {
    fn from(release: &Release) -> Self {
        Self { item: release.item, due_us: release.due_us, domain: release.domain.get(), reserved: [0; 4] }
    }
}

/// A pacer: it releases items of several domains one by one, at takt time, in leveled order; a box between those who
/// produce in bursts and those who can't take bursts. Any thread may call it at any time: there is a lock inside.
///
///   1. heijunka_pacer_offer an item when it comes up;
///   2. heijunka_pacer_poll, and do what was released;
///   3. sleep until heijunka_pacer_next_deadline, or the next item comes up, and go on with 2.
pub struct heijunka_pacer {
    inner: Mutex<Pacer>,
}

/// Runs a call on a locked pacer.
///
/// # Safety
/// `pacer` is NULL or a handle that isn't freed meanwhile.
unsafe fn with<T>(
    pacer: *const heijunka_pacer,
    call: impl FnOnce(&mut Pacer) -> Result<T, Error>,
) -> Result<T, Failure> {
    // SAFETY: passed on to the caller.
    let pacer = unsafe { pacer.as_ref() }.ok_or_else(|| Failure::null("pacer"))?;
    let mut inner = pacer.inner.lock().map_err(|_| Failure::poisoned())?;
    Ok(call(&mut inner)?)
}

/// The leveled order of a product mix: `counts[i]` is how often product `i` is made, and `out_order[k]` the product that is
/// made `k`-th (from 0). Among the first `k`, each product comes within one of its share, however many there are: 3, 2, 1
/// is 0 1 0 2 1 0. At a tie the product that is named first comes first.
///
/// `*out_len` is the number of items, the sum of the counts. `out_order` NULL with `cap` 0 asks for it alone; when it
/// doesn't fit, the answer is BUFFER_TOO_SMALL with `*out_len` set.
///
/// Fails with OUT_OF_RANGE unless there are from 1 to 16,384 products and from 1 to 16,777,216 items.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_sequence(
    counts: *const u32,
    count: usize,
    out_order: *mut u32,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of pointers and buffers.
        let (out, counts) =
            unsafe { (CountsOut::new(out_order, cap, out_len)?, args::counts(counts, count, "counts")?) };
        out.write(&sequence(&counts)?)
    })
}

/// Makes a pacer that starts at `now_us`, and writes it to `*out_pacer`. `config` is JSON (text that begins with a brace)
/// or TOML, `config_len` bytes:
///   `{"takt_us": 1000, "domains": {"orders": {"weight": 5, "max_backlog": 100}, "mail": {}}}`
/// `takt_us` is the time between two items; `available_us` with `demand` says it as a fraction instead (`demand` is the
/// sum of all weights, when it isn't there). A domain has a `weight` (1), its share against the others', and a
/// `max_backlog` (1,000). `max_backlog` (1,048,576) is for all domains together. `max_catch_up` (0): how many slots
/// that passed while nothing waited may be made up; `max_late` (all): how many that passed while nobody polled.
///
/// Fails with INVALID_CONFIG (heijunka_last_error then lists all that is wrong, a line each), INVALID_UTF8 or
/// TIME_OUT_OF_RANGE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_pacer_new(
    config: *const c_char,
    config_len: usize,
    now_us: u64,
    out_pacer: *mut *mut heijunka_pacer,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of pointers.
        let (out, value) =
            unsafe { (Out::new(out_pacer, "out_pacer")?, args::value(config, config_len, "config")?) };
        let inner = Mutex::new(Pacer::new(&PacerConfig::from_value(&value)?, now_us)?);
        out.write(Box::into_raw(Box::new(heijunka_pacer { inner })));
        Ok(status::HEIJUNKA_OK)
    })
}

/// Frees a pacer and what waits in it. NULL is fine. No other thread may be inside a call on it, or call it again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_pacer_free(pacer: *mut heijunka_pacer) {
    enter(|| {
        if !pacer.is_null() {
            // SAFETY: heijunka_pacer_new made it so, and the caller frees it once.
            drop(unsafe { Box::from_raw(pacer) });
        }
        Ok(status::HEIJUNKA_OK)
    });
}

/// The id of the domain with this name: its place in the configuration, from 0. Costs a search through the names: look it
/// up once.
///
/// Fails with UNKNOWN_DOMAIN.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_pacer_domain_id(
    pacer: *const heijunka_pacer,
    name: *const c_char,
    name_len: usize,
    out_domain: *mut u32,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and pointers.
        let (out, name) =
            unsafe { (Out::new(out_domain, "out_domain")?, args::text(name, name_len, "name")?) };
        // SAFETY: as above.
        let id = unsafe { with(pacer, |core| Ok(core.domain_id(name))) }?;
        out.write(id.ok_or_else(|| Failure::unknown_domain(name))?.get());
        Ok(status::HEIJUNKA_OK)
    })
}

/// A domain's name.
///
/// Fails with UNKNOWN_DOMAIN.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_pacer_domain_name(
    pacer: *const heijunka_pacer,
    domain: u32,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and buffers.
        let out = unsafe { TextOut::new(buf, cap, out_len) }?;
        let read = |core: &mut Pacer| {
            let name = core.domain_name(DomainId::new(domain)).map(str::to_owned);
            name.ok_or(Error::UnknownDomain { domain })
        };
        // SAFETY: as above.
        out.write(&unsafe { with(pacer, read) }?)
    })
}

/// How many domains there are; their ids are 0, 1, ….
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_pacer_domain_count(
    pacer: *const heijunka_pacer,
    out_count: *mut u32,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and pointers.
        let out = unsafe { Out::new(out_count, "out_count") }?;
        // SAFETY: as above.
        out.write(unsafe { with(pacer, |core| Ok(core.domain_count())) }?);
        Ok(status::HEIJUNKA_OK)
    })
}

/// Offers an item: any number below 2^53, which is handed back when it is released. Items of a domain are released in the
/// order in which they were offered. Answers HEIJUNKA_OK, or HEIJUNKA_REFUSED when as many wait as may.
///
/// Fails with UNKNOWN_DOMAIN, OUT_OF_RANGE for the item, or TIME_OUT_OF_RANGE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_pacer_offer(
    pacer: *mut heijunka_pacer,
    now_us: u64,
    domain: u32,
    item: u64,
    out_size: usize,
    out_offer: *mut heijunka_offer,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and structs.
        let out = unsafe { AnswerOut::new(out_size, out_offer, "out_offer") }?;
        // SAFETY: as above.
        let answer = unsafe { with(pacer, |core| core.offer(now_us, DomainId::new(domain), item)) }?;
        out.write(&(&answer).into());
        Ok(status::verdict(answer.accepted))
    })
}

/// Releases what is due, at most `cap` items, and writes them to `out_releases`, an array of `cap` structs of `out_size`
/// bytes each; `*out_count` is how many. What doesn't fit is still due. Answers HEIJUNKA_NONE when there is none.
///
/// Fails with TIME_OUT_OF_RANGE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_pacer_poll(
    pacer: *mut heijunka_pacer,
    now_us: u64,
    out_size: usize,
    out_releases: *mut heijunka_release,
    cap: usize,
    out_count: *mut usize,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and structs.
        let out = unsafe { AnswersOut::new(out_size, out_releases, cap, "out_releases") }?;
        // SAFETY: as above.
        let count = unsafe { Out::new(out_count, "out_count") }?;
        let most = u32::try_from(cap).unwrap_or(u32::MAX);
        let mut released = 0;
        let poll = |core: &mut Pacer| {
            core.poll_at_most(now_us, most, |release| {
                out.write(released, &(&release).into());
                released += 1;
            })
        };
        // SAFETY: as above.
        unsafe { with(pacer, poll) }?;
        count.write(released);
        Ok(if released > 0 { status::HEIJUNKA_OK } else { status::HEIJUNKA_NONE })
    })
}

/// When heijunka_pacer_poll will release the next item: later than the latest time seen, also when it is overdue. Answers
/// HEIJUNKA_NONE when nothing waits, or when that lies beyond 2^53. An offer, a release and a setting may change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_pacer_next_deadline(
    pacer: *const heijunka_pacer,
    out_deadline_us: *mut u64,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and pointers.
        let out = unsafe { Out::new(out_deadline_us, "out_deadline_us") }?;
        // SAFETY: as above.
        match unsafe { with(pacer, |core| Ok(core.next_deadline_us())) }? {
            Some(deadline_us) => {
                out.write(deadline_us);
                Ok(status::HEIJUNKA_OK)
            }
            None => Ok(status::HEIJUNKA_NONE),
        }
    })
}

/// Sets the takt to `available_us / demand`. What is left of the way to the next slot is left of the new takt, too: at
/// half the takt, half the time.
///
/// Fails with OUT_OF_RANGE unless 1 <= demand <= available_us < 2^53, or with TIME_OUT_OF_RANGE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_pacer_set_takt(
    pacer: *mut heijunka_pacer,
    now_us: u64,
    available_us: u64,
    demand: u64,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles.
        unsafe { with(pacer, |core| core.set_takt(now_us, available_us, demand)) }?;
        Ok(status::HEIJUNKA_OK)
    })
}

/// Sets a domain's weight, from 1 to 1,000,000. What waits stays; the new share counts from here on.
///
/// Fails with UNKNOWN_DOMAIN, OUT_OF_RANGE or TIME_OUT_OF_RANGE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_pacer_set_weight(
    pacer: *mut heijunka_pacer,
    now_us: u64,
    domain: u32,
    weight: u32,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles.
        unsafe { with(pacer, |core| core.set_weight(now_us, DomainId::new(domain), weight)) }?;
        Ok(status::HEIJUNKA_OK)
    })
}

/// The pacer's state, as JSON: now_us, clock_regressions, takt_us, available_us, demand, backlog, max_backlog,
/// next_due_us, accepted, refused, released, lapsed_slots, mean_lateness_us, max_lateness_us, and domains: a list of name,
/// weight, backlog, max_backlog, accepted, refused, released.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_pacer_status(
    pacer: *const heijunka_pacer,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and buffers.
        let out = unsafe { TextOut::new(buf, cap, out_len) }?;
        // SAFETY: as above.
        out.write_json(&unsafe { with(pacer, |core| Ok(core.status())) }?)
    })
}
