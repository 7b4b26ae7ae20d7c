package holidays

import (
	"slices"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/br"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/ports"
)

var _ ports.Holidays = Brazil{}

// Brazil is the country's holidays. None of them moves to another day when it falls on a weekend.
type Brazil struct{}

// national are the holidays of the whole country. The library's own list has two more, which are optional days off, and
// lacks the last one here, which law 14.759 of 2023 made.
func national() []*cal.Holiday {
	return []*cal.Holiday{
		br.AnoNovo, br.SextaFeiraSanta, br.Tiradentes, br.Trabalhador, br.Independencia, br.NossaSenhoraAparecida, br.Finados,
		br.Republica, br.Natal,
		{Name: "Dia da Consciência Negra", Month: time.November, Day: 20, StartYear: 2024, Func: cal.CalcDayOfMonth},
	}
}

// Between implements [ports.Holidays].
func (Brazil) Between(first, last agenda.Date) []agenda.Holiday {
	var found []agenda.Holiday
	for year := first.Year; year <= last.Year; year++ {
		for _, h := range national() {
			day, _ := h.Calc(year)
			if day.IsZero() { // not in that year
				continue
			}
			date := agenda.DateOf(day, day.Location())
			if !date.Before(first) && !date.After(last) {
				found = append(found, agenda.Holiday{Date: date, Name: h.Name})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b agenda.Holiday) int { return a.Date.Compare(b.Date) })
	return found
}
