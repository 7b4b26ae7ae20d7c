package httpapi

import "time"

const (
	secondsPerDay = 24 * 60 * 60
	// firstSecond and lastSecond bound the years 1 to 9999, since 1970.
	firstSecond = -62135596800
	lastSecond  = 253402300799
)

// appendMoment writes a time as time.RFC3339Nano does, in a third of the time when it is UTC, as times in core are. A page has
// hundreds of them.
func appendMoment(b []byte, t time.Time) []byte {
	seconds := t.Unix()
	if t.Location() != time.UTC || seconds < firstSecond || seconds > lastSecond {
		return t.AppendFormat(b, time.RFC3339Nano)
	}
	sinceYear0 := uint64(seconds - firstSecond + 306*secondsPerDay) //nolint:gosec // not negative: bounded above
	year, month, day := civil(uint32(sinceYear0 / secondsPerDay))   //nolint:gosec // ten thousand years of days fit
	clock := uint32(sinceYear0 % secondsPerDay)
	b = appendTwo(b, year/100)
	b = appendTwo(b, year%100)
	b = appendTwo(append(b, '-'), month)
	b = appendTwo(append(b, '-'), day)
	b = appendTwo(append(b, 'T'), clock/3600)
	b = appendTwo(append(b, ':'), clock/60%60)
	b = appendTwo(append(b, ':'), clock%60)
	return append(appendFraction(b, uint32(t.Nanosecond())), 'Z') //nolint:gosec // less than a second
}

// civil is the date of a day that is counted from 1 March of the year 0. A year that begins in March has its leap day at the
// end, and every 400 years have as many days.
func civil(days uint32) (year, month, day uint32) {
	era := days / 146097
	ofEra := days % 146097
	yearOfEra := (ofEra - ofEra/1460 + ofEra/36524 - ofEra/146096) / 365
	ofYear := ofEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	fromMarch := (5*ofYear + 2) / 153
	year, month, day = era*400+yearOfEra, fromMarch+3, ofYear-(153*fromMarch+2)/5+1
	if month > 12 {
		return year + 1, month - 12, day
	}
	return year, month, day
}

func appendTwo(b []byte, n uint32) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

// appendFraction writes a fraction of a second without zeros at its end.
func appendFraction(b []byte, nanoseconds uint32) []byte {
	if nanoseconds == 0 {
		return b
	}
	var digits [9]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = byte('0' + nanoseconds%10)
		nanoseconds /= 10
	}
	end := len(digits)
	for digits[end-1] == '0' {
		end--
	}
	return append(append(b, '.'), digits[:end]...)
}
