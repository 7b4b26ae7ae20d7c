package agenda_test

import (
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/id"
)

// planned are slots of 30 minutes for a visit with one professional, at minutes after noon, with 15 minutes kept free after each.
func planned(visit int, who agenda.ClinicProfessionalID, minutes ...int) []agenda.PlannedVisit {
	var out []agenda.PlannedVisit
	for _, m := range minutes {
		start := noon().Add(time.Duration(m) * time.Minute)
		out = append(out, agenda.PlannedVisit{
			Interval: agenda.Interval{Start: start, End: start.Add(30 * time.Minute)}, Visit: visit, Professional: who,
			Blocks: agenda.Interval{Start: start, End: start.Add(45 * time.Minute)},
		})
	}
	return out
}

func TestPlansPutVisitsOneAfterTheOther(t *testing.T) {
	t.Parallel()
	a, b := id.Derive[agenda.ClinicProfessional]("a"), id.Derive[agenda.ClinicProfessional]("b")
	for name, row := range map[string]struct {
		slots [][]agenda.PlannedVisit
		gap   time.Duration
		limit int
		want  [][]int // minutes after noon, by plan
	}{
		"InTheOtherOrder":       {[][]agenda.PlannedVisit{planned(0, a, 60), planned(1, b, 0)}, time.Hour, 9, [][]int{{0, 60}}},
		"NothingOverlaps":       {[][]agenda.PlannedVisit{planned(0, a, 0), planned(1, b, 15)}, time.Hour, 9, nil},
		"Neighbours":            {[][]agenda.PlannedVisit{planned(0, a, 0), planned(1, b, 30)}, 0, 9, [][]int{{0, 30}}},
		"TheGapIsKept":          {[][]agenda.PlannedVisit{planned(0, a, 0), planned(1, b, 91)}, time.Hour, 9, nil},
		"NotTheNearestNeeded":   {[][]agenda.PlannedVisit{planned(0, a, 0), planned(1, b, 30, 60), planned(2, b, 110)}, 20 * time.Minute, 9, nil},
		"ALaterOneThatLeadsOn":  {[][]agenda.PlannedVisit{planned(0, a, 0), planned(1, b, 30, 60), planned(2, a, 110)}, 30 * time.Minute, 9, [][]int{{0, 60, 110}}},
		"BuffersOfOnePerson":    {[][]agenda.PlannedVisit{planned(0, a, 0), planned(1, a, 30, 45)}, time.Hour, 9, [][]int{{0, 45}}},
		"OnePlanForEachStart":   {[][]agenda.PlannedVisit{planned(0, a, 0, 30), planned(1, b, 30, 60, 90)}, time.Hour, 9, [][]int{{0, 30}, {30, 60}}},
		"NoMoreThanTheLimit":    {[][]agenda.PlannedVisit{planned(0, a, 0, 30), planned(1, b, 30, 60, 90)}, time.Hour, 1, [][]int{{0, 30}}},
		"OneThatHasNoSlotAtAll": {[][]agenda.PlannedVisit{planned(0, a, 0), nil}, time.Hour, 9, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := agenda.Plans(row.slots, row.gap, row.limit)
			if len(got) != len(row.want) {
				t.Fatalf("got %d plans, want %d: %v", len(got), len(row.want), got)
			}
			for i, plan := range got {
				for j, v := range plan {
					if m := int(v.Start.Sub(noon()) / time.Minute); j >= len(row.want[i]) || m != row.want[i][j] {
						t.Errorf("plan %d, visit %d is at %d minutes, want %v", i, j, m, row.want[i])
					}
				}
			}
		})
	}
}

// Six visits that nearly fit take for ever when every order is tried.
func TestPlansGiveUpInTime(t *testing.T) {
	t.Parallel()
	var slots [][]agenda.PlannedVisit
	for visit := range 6 {
		var minutes []int
		for m := 0; m < 600 && visit < 5; m += 5 {
			minutes = append(minutes, m)
		}
		if visit == 5 {
			minutes = []int{2000}
		}
		slots = append(slots, planned(visit, id.New[agenda.ClinicProfessional](), minutes...))
	}
	done := make(chan [][]agenda.PlannedVisit, 1)
	go func() { done <- agenda.Plans(slots, 2*time.Hour, 3) }()
	select {
	case got := <-done:
		if len(got) != 0 {
			t.Errorf("got %v, want nothing", got)
		}
	case <-time.After(time.Minute):
		t.Fatal("the search does not end")
	}
}
