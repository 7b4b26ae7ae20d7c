package memory

import (
	"iter"
	"strings"
)

// tree is an ordered map, an AVL tree whose published nodes never change. An edit owns the nodes that it made, and may
// change those in place; any other node it copies first. So an old copy of the tree stays as it was.
type tree[V any] struct{ root *node[V] }

type node[V any] struct {
	key         string
	value       V
	left, right *node[V]
	height      int
	edit        uint64 // whose node it is
}

func (t tree[V]) get(key string) (value V, ok bool) {
	n := t.root
	for n != nil {
		switch strings.Compare(key, n.key) {
		case -1:
			n = n.left
		case 1:
			n = n.right
		default:
			return n.value, true
		}
	}
	return value, false
}

func (t *tree[V]) set(edit uint64, key string, value V) { t.root = t.root.set(edit, key, value) }

func (t *tree[V]) remove(edit uint64, key string) { t.root = t.root.remove(edit, key) }

// from yields the entries from a key on, upwards.
func (t tree[V]) from(key string) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) { t.root.ascend(key, yield) }
}

// below yields the entries before a key, downwards; "" stands for the end.
func (t tree[V]) below(key string) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) { t.root.descend(key, yield) }
}

func (n *node[V]) ascend(from string, yield func(string, V) bool) bool {
	if n == nil {
		return true
	}
	if n.key >= from {
		if !n.left.ascend(from, yield) || !yield(n.key, n.value) {
			return false
		}
	}
	return n.right.ascend(from, yield)
}

func (n *node[V]) descend(before string, yield func(string, V) bool) bool {
	if n == nil {
		return true
	}
	if before == "" || n.key < before {
		if !n.right.descend(before, yield) || !yield(n.key, n.value) {
			return false
		}
	}
	return n.left.descend(before, yield)
}

func (n *node[V]) set(edit uint64, key string, value V) *node[V] {
	if n == nil {
		return &node[V]{key: key, value: value, height: 1, edit: edit}
	}
	n = n.owned(edit)
	switch strings.Compare(key, n.key) {
	case -1:
		n.left = n.left.set(edit, key, value)
	case 1:
		n.right = n.right.set(edit, key, value)
	default:
		n.value = value
		return n
	}
	return n.balanced(edit)
}

func (n *node[V]) remove(edit uint64, key string) *node[V] {
	if n == nil {
		return nil
	}
	switch strings.Compare(key, n.key) {
	case -1:
		n = n.owned(edit)
		n.left = n.left.remove(edit, key)
	case 1:
		n = n.owned(edit)
		n.right = n.right.remove(edit, key)
	default:
		if n.left == nil {
			return n.right
		}
		if n.right == nil {
			return n.left
		}
		next := n.right
		for next.left != nil {
			next = next.left
		}
		successor, value := next.key, next.value
		n = n.owned(edit)
		n.key, n.value = successor, value
		n.right = n.right.remove(edit, successor)
	}
	return n.balanced(edit)
}

// owned returns the node itself when the edit made it, and otherwise a copy that the edit may change.
func (n *node[V]) owned(edit uint64) *node[V] {
	if n.edit == edit {
		return n
	}
	c := *n
	c.edit = edit
	return &c
}

// balanced restores the height and the balance of an owned node after one of its subtrees changed.
func (n *node[V]) balanced(edit uint64) *node[V] {
	n.measure()
	switch lean := n.left.tall() - n.right.tall(); {
	case lean > 1:
		if n.left.left.tall() < n.left.right.tall() {
			n.left = n.left.owned(edit).rotateLeft(edit)
		}
		return n.rotateRight(edit)
	case lean < -1:
		if n.right.right.tall() < n.right.left.tall() {
			n.right = n.right.owned(edit).rotateRight(edit)
		}
		return n.rotateLeft(edit)
	}
	return n
}

func (n *node[V]) rotateLeft(edit uint64) *node[V] {
	top := n.right.owned(edit)
	n.right, top.left = top.left, n
	n.measure()
	top.measure()
	return top
}

func (n *node[V]) rotateRight(edit uint64) *node[V] {
	top := n.left.owned(edit)
	n.left, top.right = top.right, n
	n.measure()
	top.measure()
	return top
}

func (n *node[V]) measure() { n.height = 1 + max(n.left.tall(), n.right.tall()) }

func (n *node[V]) tall() int {
	if n == nil {
		return 0
	}
	return n.height
}
