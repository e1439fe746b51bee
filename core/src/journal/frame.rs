//! The frame of a snapshot and of a journal's header: mark, version, length, content, checksum.

use alloc::vec::Vec;

use xxhash_rust::xxh3::xxh3_64;

use crate::error::SnapshotProblem;

/// What a frame begins with.
pub(super) type Mark = [u8; 8];

/// The mark of a snapshot.
pub(super) const SNAPSHOT: Mark = *b"\0HJSNAP\n";

/// The mark of a journal's header.
pub(super) const JOURNAL: Mark = *b"\0HJRNL1\n";

/// The version of both formats.
const VERSION: u32 = 1;

/// Mark, version, length.
const HEAD: usize = 8 + 4 + 8;

/// The checksum.
const TAIL: usize = 8;

/// Begins a frame, whose content is to be appended; [`close`] ends it.
pub(super) fn open(mark: Mark) -> Vec<u8> {
    let mut out = mark.to_vec();
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&[0; 8]);
    out
}

/// Ends a frame.
pub(super) fn close(mut out: Vec<u8>) -> Vec<u8> {
    let length = out.len().saturating_sub(HEAD) as u64;
    if let Some(place) = out.get_mut(HEAD - 8..HEAD) {
        place.copy_from_slice(&length.to_le_bytes());
    }
    let sum = xxh3_64(&out);
    out.extend_from_slice(&sum.to_le_bytes());
    out
}

/// The content of the frame that the bytes begin with, and the frame's length.
pub(super) fn read(bytes: &[u8], mark: Mark) -> Result<(&[u8], usize), SnapshotProblem> {
    let there = bytes.len() as u64;
    let cut = |needed: u64| SnapshotProblem::CutShort { length: there, needed };
    let begins = bytes.get(..8.min(bytes.len())).is_some_and(|begin| mark.starts_with(begin));
    if !begins || bytes.is_empty() {
        return Err(SnapshotProblem::NotASnapshot);
    }
    let least = (HEAD + TAIL) as u64;
    let Some(version) = bytes.get(8..).and_then(<[u8]>::first_chunk).map(|bytes| u32::from_le_bytes(*bytes))
    else {
        return Err(cut(least));
    };
    if version > VERSION {
        return Err(SnapshotProblem::Newer { version, newest: VERSION });
    }
    let Some(length) = bytes.get(12..).and_then(<[u8]>::first_chunk).map(|bytes| u64::from_le_bytes(*bytes))
    else {
        return Err(cut(least));
    };
    let needed = length.saturating_add(least);
    let end = usize::try_from(needed).ok().filter(|end| *end <= bytes.len()).ok_or_else(|| cut(needed))?;
    let parts = bytes.get(..end).and_then(<[u8]>::split_last_chunk::<TAIL>);
    let fits = |framed: &[u8], sum: [u8; TAIL]| xxh3_64(framed) == u64::from_le_bytes(sum);
    match parts {
        Some((framed, sum)) if version == VERSION && fits(framed, *sum) => {
            Ok((framed.get(HEAD..).unwrap_or_default(), end))
        }
        _ => Err(SnapshotProblem::Damaged),
    }
}

/// As [`read`], of bytes that are one frame and nothing else.
pub(super) fn read_whole(bytes: &[u8], mark: Mark) -> Result<&[u8], SnapshotProblem> {
    let (content, end) = read(bytes, mark)?;
    if end < bytes.len() {
        return Err(SnapshotProblem::TooLong { length: bytes.len() as u64, needed: end as u64 });
    }
    Ok(content)
}
