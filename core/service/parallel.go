package service

import "sync"

// sideBySide calls fn with 0 to n-1, at most so many at once, and returns when all have returned. When one panics, so does it,
// as if it had been called in a row.
func sideBySide(n, atOnce int, fn func(i int)) {
	var (
		running sync.WaitGroup
		panics  = make(chan any, n)
		next    = make(chan int)
	)
	for range min(n, atOnce) {
		running.Go(func() {
			for i := range next {
				func() {
					defer func() {
						if failure := recover(); failure != nil {
							panics <- failure
						}
					}()
					fn(i)
				}()
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	running.Wait()
	if len(panics) > 0 {
		panic(<-panics)
	}
}
