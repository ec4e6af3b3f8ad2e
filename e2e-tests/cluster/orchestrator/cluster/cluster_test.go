package cluster

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"dev.megalodon/e2e/cluster/orchestrator/image"
)

func TestShouldKeepOnlyWhatFailedOfAHealthReport(t *testing.T) {
	report := "[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n"
	if got := failedChecks(report); got != "[-]etcd failed: reason withheld readyz check failed" {
		t.Errorf("got %q", got)
	}
}

func TestShouldSayWhatWasWaitedForAndWhereToRead(t *testing.T) {
	err := (&Cluster{}).await(context.Background(), "the moon", time.Millisecond, "the.log",
		func() error { return errors.New("it is new") })
	for _, part := range []string{"the moon", "it is new", "the.log"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in: %v", part, err)
		}
	}
}

func TestShouldNotWaitForAProcessThatEnded(t *testing.T) {
	err := (&Cluster{}).await(context.Background(), "it", time.Hour, "the.log",
		func() error { return errProcessEnded })
	if !errors.Is(err, errProcessEnded) {
		t.Error(err)
	}
}

func TestShouldStopWaitingWhenInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	err := (&Cluster{}).await(ctx, "it", time.Hour, "the.log", func() error {
		cancel()
		return errors.New("not yet")
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestShouldLoadAnImageAgainOnlyIfItsNameMeansAnotherArchive(t *testing.T) {
	first := image.Archive{Digest: "1", Names: []string{"a", "b"}}
	second := image.Archive{Digest: "2", Names: []string{"b"}}
	loaded := loadedImages{}
	if loaded.has(first) || !loaded.with(first).has(first) {
		t.Error("the first archive is there before or not after loading it")
	}
	if !loaded.with(second).has(second) || loaded.has(first) {
		t.Error("the first archive is there although the second took one of its names")
	}
	if loaded.has(image.Archive{Digest: "3"}) {
		t.Error("an archive without names is there")
	}
}

func TestShouldForwardBothWaysUntilEachSideCloses(t *testing.T) {
	target := listen(t)
	go func() {
		connection, err := target.Accept()
		if err != nil {
			return
		}
		defer connection.Close()
		// Answers only once it has read to the end.
		request, _ := io.ReadAll(connection)
		_, _ = connection.Write([]byte("answer to " + string(request)))
	}()
	front := listen(t)
	go func() {
		connection, err := front.Accept()
		if err == nil {
			_ = forwardConnection(connection.(*net.TCPConn), target.Addr().String())
		}
	}()
	client, err := net.Dial("tcp", front.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := client.Write([]byte("request")); err != nil {
		t.Fatal(err)
	}
	if err := client.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(client)
	if err != nil || string(answer) != "answer to request" {
		t.Errorf("got %q, %v", answer, err)
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}
