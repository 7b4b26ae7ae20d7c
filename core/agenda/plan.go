package agenda

import (
	"cmp"
	"slices"
	"sort"
	"time"
)

// maxPlanSteps bounds the search for plans of one day. What it does not find within them is not offered.
const maxPlanSteps = 5000

// PlannedVisit is a slot that one of several visits may take.
type PlannedVisit struct {
	Interval
	Visit        int // which of the visits
	Professional ClinicProfessionalID
	Service      ServiceID // zero: a plain visit
	Blocks       Interval  // with the buffers of the professional
}

// Plans puts several visits one after the other, in any order: slots[i] are those that the visit i may take. Between two visits
// there is a gap of at most maxGap, and two of one professional keep the buffers. There is one plan for each time at which
// one can begin, by that time, at most limit of them: the first one that a search finds which tries earlier starts first.
// The search gives up after a number of steps that only large, nearly full days need.
func Plans(slots [][]PlannedVisit, maxGap time.Duration, limit int) [][]PlannedVisit {
	p := planner{maxGap: maxGap, left: maxPlanSteps}
	var all []PlannedVisit
	for _, list := range slots {
		if len(list) == 0 {
			return nil // one that cannot take place at all
		}
		list = slices.SortedStableFunc(slices.Values(list), byStart)
		p.slots, all = append(p.slots, list), append(all, list...)
	}
	slices.SortStableFunc(all, byStart)
	p.used = make([]bool, len(slots))
	var out [][]PlannedVisit
	var last time.Time
	for _, first := range all {
		if len(out) == limit || p.left <= 0 {
			break
		}
		if len(out) > 0 && first.Start.Equal(last) {
			continue
		}
		if p.take(first) {
			out, last = append(out, slices.Clone(p.path)), first.Start
		}
		p.path = p.path[:0]
		clear(p.used)
	}
	return out
}

func byStart(a, b PlannedVisit) int { return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End)) }

// planner is a search for plans.
type planner struct {
	slots  [][]PlannedVisit // by visit, then by start
	maxGap time.Duration
	path   []PlannedVisit
	used   []bool // by visit
	left   int    // steps
}

// take goes on with a slot, and reports whether that leads to a plan, which is then the path. Otherwise the path is as before.
func (p *planner) take(slot PlannedVisit) bool {
	p.left--
	for _, taken := range p.path {
		if taken.Professional == slot.Professional && taken.Blocks.Overlaps(slot.Blocks) {
			return false
		}
	}
	p.path, p.used[slot.Visit] = append(p.path, slot), true
	if len(p.path) == len(p.slots) {
		return true
	}
	for _, next := range p.next(slot.End) {
		if p.left <= 0 {
			break
		}
		if p.take(next) {
			return true
		}
	}
	p.path, p.used[slot.Visit] = p.path[:len(p.path)-1], false
	return false
}

// next lists the slots of the visits that are left which may follow one that ends then, by start.
func (p *planner) next(end time.Time) []PlannedVisit {
	var out []PlannedVisit
	latest := end.Add(p.maxGap)
	for visit, list := range p.slots {
		if p.used[visit] {
			continue
		}
		from := sort.Search(len(list), func(i int) bool { return !list[i].Start.Before(end) })
		for _, slot := range list[from:] {
			if slot.Start.After(latest) {
				break
			}
			out = append(out, slot)
		}
	}
	slices.SortStableFunc(out, byStart)
	return out
}
