//! The calendar of access logs: `10/Oct/2000:13:55:36 -0700`.

/// The seconds since 1970 of a log's time (the text between the brackets); `None` when it isn't one, or lies
/// before 1970.
pub(super) fn seconds_of(text: &[u8]) -> Option<u64> {
    let [d1, d2, b'/', m1, m2, m3, b'/', y1, y2, y3, y4, b':', h1, h2, b':', n1, n2, b':', s1, s2, zone @ ..] =
        text
    else {
        return None;
    };
    let day = digits(&[*d1, *d2])?;
    let month = month_of([*m1, *m2, *m3])?;
    let year = digits(&[*y1, *y2, *y3, *y4])?;
    let hour = digits(&[*h1, *h2])?;
    let minute = digits(&[*n1, *n2])?;
    let second = digits(&[*s1, *s2])?;
    if hour > 23 || minute > 59 || second > 60 || day < 1 || day > days_in(month, year) || year < 1969 {
        return None;
    }
    let [b' ', sign, z1, z2, z3, z4] = zone else { return None };
    let (zone_hours, zone_minutes) = (digits(&[*z1, *z2])?, digits(&[*z3, *z4])?);
    if zone_hours > 23 || zone_minutes > 59 {
        return None;
    }
    let local = days_since_1969(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    let offset = zone_hours * 3600 + zone_minutes * 60;
    let since_1969 = match sign {
        b'+' => local.checked_sub(offset)?,
        b'-' => local + offset,
        _ => return None,
    };
    since_1969.checked_sub(365 * 86_400)
}

fn digits(text: &[u8]) -> Option<u64> {
    text.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u64::from(byte - b'0')))
}

/// The month's number, from 1.
fn month_of(name: [u8; 3]) -> Option<u64> {
    const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    (1..).zip(MONTHS.chunks_exact(3)).find(|(_, month)| *month == name).map(|(number, _)| number)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_in(month: u64, year: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1 January 1969 (a year early, so that a zone's offset never goes below zero); `year` is 1969 or
/// later.
fn days_since_1969(year: u64, month: u64, day: u64) -> u64 {
    let leap_days = |before: u64| before / 4 - before / 100 + before / 400;
    let years = (year - 1969) * 365 + leap_days(year - 1) - leap_days(1968);
    years + (1..month).map(|month| days_in(month, year)).sum::<u64>() + day - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_that_date_tells() {
        // `date -u -d … +%s`
        for (text, seconds) in [
            (&b"01/Jan/1970:00:00:00 +0000"[..], 0),
            (b"31/Dec/1969:23:30:00 -0100", 1800),
            (b"10/Oct/2000:13:55:36 -0700", 971_211_336),
            (b"29/Feb/2024:23:59:59 +0000", 1_709_251_199),
            (b"01/Mar/2024:05:30:00 +0530", 1_709_251_200),
            (b"31/Dec/2100:00:00:00 +0000", 4_133_894_400),
        ] {
            assert_eq!(seconds_of(text), Some(seconds), "{}", alloc::string::String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            &b""[..],
            b"10/Oct/2000:13:55:36",
            b"10/Oct/2000:24:00:00 +0000",
            b"30/Feb/2024:00:00:00 +0000",
            b"29/Feb/2023:00:00:00 +0000",
            b"00/Jan/2024:00:00:00 +0000",
            b"01/Foo/2024:00:00:00 +0000",
            b"01/Jan/1969:00:00:00 +0000",
            b"01/Jan/1970:00:00:00 +0100",
            b"01/Jan/0000:00:00:00 +0000",
            b"01/Jan/2024:00:00:00 +9900",
        ] {
            assert_eq!(seconds_of(text), None, "{}", alloc::string::String::from_utf8_lossy(text));
        }
    }
}
