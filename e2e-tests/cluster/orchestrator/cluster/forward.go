package cluster

import (
	"io"
	"log"
	"net"
)

// ForwardCommand is the hidden sub-command that runs Forward.
const ForwardCommand = "forward"

// Forward passes on every TCP connection to the listening address to the target, for ever.
func Forward(listen, target string) error {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			if err := forwardConnection(connection.(*net.TCPConn), target); err != nil {
				log.Print(err)
			}
		}()
	}
}

func forwardConnection(client *net.TCPConn, target string) error {
	defer client.Close()
	connection, err := net.Dial("tcp", target)
	if err != nil {
		return err
	}
	server := connection.(*net.TCPConn)
	defer server.Close()
	done := make(chan struct{})
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.CloseWrite()
		close(done)
	}()
	_, _ = io.Copy(client, server)
	_ = client.CloseWrite()
	<-done
	return nil
}
