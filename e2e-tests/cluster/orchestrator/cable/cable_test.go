package cable

import (
	"errors"
	"io"
	"testing"
	"time"
)

// pipe is an end that a test feeds and listens to.
type pipe struct{ in, out chan []byte }

func newPipe() pipe { return pipe{make(chan []byte, 2000), make(chan []byte, 2000)} }

func (p pipe) receive([]byte) ([]byte, error) {
	frame, more := <-p.in
	if !more {
		return nil, io.EOF
	}
	return frame, nil
}

func (p pipe) send(frame []byte) error {
	p.out <- frame
	return nil
}

func TestShouldDelayFramesBothWaysAndKeepTheirOrder(t *testing.T) {
	const delay = 50 * time.Millisecond
	one, other := newPipe(), newPipe()
	go func() { _ = join(one, other, Conditions{Delay: delay}) }()
	start := time.Now()
	for i := range byte(100) {
		one.in <- []byte{i}
	}
	for i := range byte(100) {
		if frame := <-other.out; frame[0] != i {
			t.Fatalf("frame %d arrived as number %d", frame[0], i)
		}
	}
	other.in <- []byte("back")
	<-one.out
	if took := time.Since(start); took < 2*delay {
		t.Errorf("there and back took %s", took)
	}
}

func TestShouldLoseTheSameFramesWithTheSameSeed(t *testing.T) {
	first, second := survivors(t, 7), survivors(t, 7)
	if first != second {
		t.Error("not the same frames")
	}
	if len(first) < 850 || len(first) > 950 {
		t.Errorf("of 1000 frames %d arrived, not about 900", len(first))
	}
	if first == survivors(t, 8) {
		t.Error("another seed loses the same frames")
	}
}

func survivors(t *testing.T, seed uint64) string {
	t.Helper()
	one, other := newPipe(), newPipe()
	for i := range 1000 {
		one.in <- []byte{byte(i)}
	}
	close(one.in)
	err := join(one, other, Conditions{Loss: 0.1, Seed: seed})
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	var arrived []byte
	for {
		select {
		case frame := <-other.out:
			arrived = append(arrived, frame...)
		case <-time.After(100 * time.Millisecond):
			return string(arrived)
		}
	}
}
