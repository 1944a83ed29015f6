package agent

// mailbox holds the latest values only, mostly one: who puts never waits, and what was not taken in time was obsolete.
type mailbox[T any] chan T

func newMailbox[T any]() mailbox[T] { return make(mailbox[T], 1) }

// newQueue makes a mailbox for what is worth to be heard of one after the other, up to a limit.
func newQueue[T any](limit int) mailbox[T] { return make(mailbox[T], limit) }

// put adds a value; where there is no room the oldest makes some. Any goroutine may put.
func (m mailbox[T]) put(v T) {
	for {
		select {
		case m <- v:
			return
		default:
		}
		select {
		case <-m:
		default:
		}
	}
}
