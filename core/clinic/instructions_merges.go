package clinic

import (
	"sync"

	"github.com/secretary-api/secretary/core/jsonobj"
)

// maxMerges is how many bytes of instructions [Merges] remembers, more or less.
const maxMerges = 16 << 20

// Merges remembers what [InstructionsFor] made of its arguments: a busy room asks again and again, and the merge costs a
// hundred times what the answer does. The zero value is ready, and may be used by several goroutines at once.
type Merges struct {
	mu   sync.RWMutex
	made map[mergeKey]merge
	size int
}

type mergeKey struct {
	entity     EntityID // 0: none
	department DepartmentID
}

type merge struct {
	of  [3]jsonobj.Object // the platform's, the entity's and the department's
	out Instructions
}

func (m merge) size() int {
	return len(m.of[0]) + len(m.of[1]) + len(m.of[2]) + len(m.out.Merged) + len(m.out.Text)
}

// For is [InstructionsFor]. Its result is shared: nobody may change the sources.
func (m *Merges) For(platform jsonobj.Object, entity *Entity, department *Department) (Instructions, error) {
	var key mergeKey
	of := [3]jsonobj.Object{platform}
	if entity != nil {
		key.entity, of[1] = entity.ID, entity.Instructions
	}
	if department != nil {
		key.department, of[2] = department.ID, department.Instructions
	}
	m.mu.RLock()
	made, ok := m.made[key]
	m.mu.RUnlock()
	if ok && made.of == of {
		return made.out, nil
	}
	out, err := InstructionsFor(platform, entity, department)
	if err == nil {
		m.keep(key, merge{of, out})
	}
	return out, err
}

func (m *Merges) keep(key mergeKey, made merge) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.size += made.size() - m.made[key].size()
	if m.made == nil || m.size > maxMerges { // rare enough to begin anew
		m.made, m.size = map[mergeKey]merge{}, made.size()
	}
	m.made[key] = made
}
