package agent

// mailbox holds the latest value only: who puts never waits, and what was not taken in time was obsolete.
type mailbox[T any] chan T

func newMailbox[T any]() mailbox[T] { return make(mailbox[T], 1) }

// put replaces what lies in the box. Only one goroutine may put.
func (m mailbox[T]) put(v T) {
	select {
	case <-m:
	default:
	}
	m <- v
}
