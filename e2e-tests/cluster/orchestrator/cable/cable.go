// Package cable is a network cable that delays what goes through it and loses a part, for kernels
// without netem.
package cable

import (
	"math/rand/v2"
	"time"
)

// Conditions say how bad the cable is.
type Conditions struct {
	// Delay is how long every frame takes, in either direction.
	Delay time.Duration
	// Loss is the share of frames that do not arrive, 0 to 1.
	Loss float64
	// Seed decides which.
	Seed uint64
}

// underWay is how many frames fit into the cable in one direction; more are lost, as in a router.
const underWay = 4096

// end is one end of the cable.
type end interface {
	receive(buffer []byte) ([]byte, error)
	send(frame []byte) error
}

type delayed struct {
	frame []byte
	due   time.Time
}

// Join carries frames between two links of the current network namespace until one fails.
func Join(first, second string, conditions Conditions) error {
	one, err := openLink(first)
	if err != nil {
		return err
	}
	other, err := openLink(second)
	if err != nil {
		return err
	}
	return join(one, other, conditions)
}

func join(one, other end, conditions Conditions) error {
	failure := make(chan error, 4)
	for direction, ends := range [][2]end{{one, other}, {other, one}} {
		frames := make(chan delayed, underWay)
		chance := rand.New(rand.NewPCG(conditions.Seed, uint64(direction)))
		go func() { failure <- takeIn(ends[0], frames, conditions, chance) }()
		go func() { failure <- giveOut(frames, ends[1]) }()
	}
	return <-failure
}

func takeIn(from end, frames chan<- delayed, conditions Conditions, chance *rand.Rand) error {
	buffer := make([]byte, largestFrame)
	for {
		frame, err := from.receive(buffer)
		if err != nil {
			return err
		}
		if chance.Float64() < conditions.Loss {
			continue
		}
		select {
		case frames <- delayed{frame, time.Now().Add(conditions.Delay)}:
		default: // full
		}
	}
}

func giveOut(frames <-chan delayed, to end) error {
	for next := range frames {
		time.Sleep(time.Until(next.due))
		if err := to.send(next.frame); err != nil {
			return err
		}
	}
	return nil
}
