package metering

import (
	"maps"
	"slices"
)

// effective is what a session consumed of each model, whoever told it, without the models of which nothing was used.
//
// What was counted is added to what was reported. Of the two ways in which an agent's library reports, by request and as
// totals, the larger figure counts, because they tell the same. A report may leave out which model it was: of such figures
// only that counts by which those of their kind exceed the named models', for the session's own model if it is a language
// model.
func (u *AgentUsage) effective() []Line {
	used := map[Model]Quantities{}
	add := func(m Model, q Quantities) { used[m] = used[m].with(q, sum) }

	type told struct{ requests, reported Quantities }
	models := map[Model]told{}
	for _, r := range u.Readings {
		t := models[r.Model]
		switch r.Source {
		case Counted:
			add(r.Model, r.Quantities)
			continue
		case Requests:
			t.requests = r.Quantities
		case Reported:
			t.reported = r.Quantities
		}
		models[r.Model] = t
	}

	type summary struct{ requests, reported, named Quantities } // of all models, of no named one, and of the named ones
	kinds := map[Kind]summary{}
	for m, t := range models {
		s := kinds[m.Kind]
		s.requests = s.requests.with(t.requests, sum)
		if m.isUnnamed() {
			s.reported = t.reported
		} else {
			q := t.requests.with(t.reported, larger)
			s.named = s.named.with(q, sum)
			add(m, q)
		}
		kinds[m.Kind] = s
	}
	for kind, s := range kinds {
		m := Model{Kind: kind}
		if kind == General || kind == LLM {
			m.Provider, m.Model = u.Provider, u.Model
		}
		add(m, s.requests.with(s.reported, larger).with(s.named, excess))
	}

	var lines []Line
	for _, m := range slices.SortedFunc(maps.Keys(used), Model.compare) {
		if used[m] != (Quantities{}) {
			lines = append(lines, Line{Model: m, Quantities: used[m]})
		}
	}
	return lines
}
