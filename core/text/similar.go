package text

import "unicode/utf8"

// maxCompared is the longest word that is searched for typos, in bytes; a longer one has to be equal.
const maxCompared = 48

// Similar reports whether a may be b with a typo. Both are folded words. Words of fewer than 4 letters must be equal, of
// 4 to 7 may be one edit apart, longer ones two; an edit is a letter added, left out, replaced, or swapped with its
// neighbour. The first letter must agree, so that "urologia" is not "neurologia", and so must a closing a or o:
// "Paulo" is not "Paula". Words with letters that do not fold to a to z must be equal too.
func Similar(a, b string) bool {
	if a == b {
		return true
	}
	limit := typos(min(len(a), len(b)))
	if limit == 0 || a[0] != b[0] || otherGender(a, b) || !isASCII(a) || !isASCII(b) {
		return false
	}
	return Distance(a, b, limit) <= limit
}

// typos is how many edits a word of n letters may be off.
func typos(n int) int {
	switch {
	case n < 4:
		return 0
	case n < 8:
		return 1
	}
	return 2
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func otherGender(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	n := len(a) - 1
	return a[:n] == b[:n] && (a[n] == 'a' && b[n] == 'o' || a[n] == 'o' && b[n] == 'a')
}

// Distance returns how many edits (see [Similar]) lead from a to b, and limit+1 when they are more than limit. It works on
// bytes, which are letters in folded Portuguese.
func Distance(a, b string, limit int) int {
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > limit || len(b) > maxCompared {
		return limit + 1
	}
	if len(a) == 0 {
		return len(b)
	}
	// Three rows of the optimal string alignment table; the one before last is for swapped neighbours.
	var rows [3][maxCompared + 1]int
	before, last, row := rows[0][:len(b)+1], rows[1][:len(b)+1], rows[2][:len(b)+1]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		best := i
		for j := 1; j <= len(b); j++ {
			replace := last[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(replace, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			best = min(best, row[j])
		}
		if best > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit+1)
}
