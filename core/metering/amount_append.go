package metering

import "strconv"

// AppendMicros appends what [FormatMicros] writes.
func AppendMicros(b []byte, micros int64) []byte {
	const unit = 1_000_000
	b, size := appendSign(b, micros)
	return appendPlaces(strconv.AppendUint(b, size/unit, 10), size%unit)
}

// AppendMinutes appends what [FormatMinutes] writes.
func AppendMinutes(b []byte, millis int64) []byte {
	b, size := appendSign(b, millis)
	const unit = 1_000_000
	return appendPlaces(strconv.AppendUint(b, size/millisPerMinute, 10), (size%millisPerMinute*unit+millisPerMinute/2)/millisPerMinute)
}

// appendSign appends the sign of a number, and returns what is left of it: the smallest has no positive counterpart.
func appendSign(b []byte, n int64) (signed []byte, size uint64) {
	if n < 0 {
		return append(b, '-'), -uint64(n) //nolint:gosec // the smallest wraps around to its size
	}
	return b, uint64(n)
}

// appendPlaces appends a point and millionths, without needless zeros.
func appendPlaces(b []byte, millionths uint64) []byte {
	if millionths == 0 {
		return b
	}
	b = append(b, '.')
	const digits = "0123456789"
	for place := uint64(100_000); millionths > 0; place /= 10 {
		b = append(b, digits[millionths/place])
		millionths %= place
	}
	return b
}
