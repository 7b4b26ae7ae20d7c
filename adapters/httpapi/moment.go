package httpapi

import "time"

const (
	secondsPerDay = 24 * 60 * 60
	// firstSecond and lastSecond bound the years 1 to 9999, since 1970.
	firstSecond = -62135596800
	lastSecond  = 253402300799
)

// appendMoment writes a time as time.RFC3339Nano does, in less than half of the time when it is UTC, as times in core are. A page has
// hundreds of them.
func appendMoment(b []byte, t time.Time) []byte {
	seconds := t.Unix()
	if t.Location() != time.UTC || seconds < firstSecond || seconds > lastSecond {
		return t.AppendFormat(b, time.RFC3339Nano)
	}
	sinceYear0 := uint64(seconds - firstSecond + 306*secondsPerDay)
	year, month, day := civil(uint32(sinceYear0 / secondsPerDay))
	clock := uint32(sinceYear0 % secondsPerDay)
	text := [30]byte{4: '-', 7: '-', 10: 'T', 13: ':', 16: ':', 19: '.'}
	putTwo(text[0:2], year/100)
	putTwo(text[2:4], year%100)
	putTwo(text[5:7], month)
	putTwo(text[8:10], day)
	putTwo(text[11:13], clock/3600)
	putTwo(text[14:16], clock/60%60)
	putTwo(text[17:19], clock%60)
	fraction := uint32(t.Nanosecond()) //nolint:gosec // less than a second
	putTwo(text[20:22], fraction/1e7)
	putTwo(text[22:24], fraction/1e5%100)
	putTwo(text[24:26], fraction/1e3%100)
	putTwo(text[26:28], fraction/10%100)
	text[28] = byte('0' + fraction%10)
	end := 29
	for text[end-1] == '0' && end > 20 {
		end--
	}
	if end == 20 {
		end-- // no fraction, and no point
	}
	text[end] = 'Z'
	return append(b, text[:end+1]...)
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

// putTwo writes two digits.
func putTwo(to []byte, n uint32) {
	const digits = "0123456789"
	to[0], to[1] = digits[n/10], digits[n%10]
}
