// Command probe runs in the self-test's pods: without arguments it serves, with arguments
// it checks one thing about the cluster from the inside of its pod and prints what it found.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

const (
	port           = ":8080"
	timeout        = 2 * time.Second
	serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount/"
)

var checks = map[string]func(arguments []string) (string, error){
	"tcp":    func(arguments []string) (string, error) { return ask("tcp", arguments[0]) },
	"udp":    func(arguments []string) (string, error) { return ask("udp", arguments[0]) },
	"lookup": lookUp,
	"append": appendLine,
	"read":   read,
	"api":    askAPIServer,
}

func main() {
	if len(os.Args) < 2 {
		if err := serve(); err != nil {
			fail(err)
		}
		return
	}
	check, known := checks[os.Args[1]]
	if !known || len(os.Args) < 3 {
		fail(errors.New("usage: probe tcp|udp|lookup|append|read|api ARGUMENT..."))
	}
	result, err := check(os.Args[2:])
	if err != nil {
		fail(err)
	}
	fmt.Println(result)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// serve answers a line over TCP, and a datagram over UDP, with the pod's name and the same text.
func serve() error {
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	datagrams, err := net.ListenPacket("udp", port)
	if err != nil {
		return err
	}
	go answerDatagrams(datagrams, name)
	listener, err := net.Listen("tcp", port)
	if err != nil {
		return err
	}
	fmt.Println(name, "listens on", port)
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go answer(connection, name)
	}
}

// answer speaks HTTP to HTTP clients, so that the API server's proxy can be tried too.
func answer(connection net.Conn, name string) {
	defer connection.Close()
	line, _ := bufio.NewReader(connection).ReadString('\n')
	if strings.Contains(line, "HTTP/1.") {
		fmt.Fprintf(connection, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n%s\n", name)
		return
	}
	fmt.Fprintf(connection, "%s: %s", name, line)
}

func answerDatagrams(datagrams net.PacketConn, name string) {
	buffer := make([]byte, 1500)
	for {
		length, sender, err := datagrams.ReadFrom(buffer)
		if err != nil {
			return
		}
		_, _ = datagrams.WriteTo(fmt.Appendf(nil, "%s: %s", name, buffer[:length]), sender)
	}
}

// ask sends a line to HOST:PORT and returns the answer.
func ask(network, address string) (string, error) {
	connection, err := net.DialTimeout(network, address, timeout)
	if err != nil {
		return "", err
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(timeout)); err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(connection, "hello over %s\n", network); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(connection).ReadString('\n')
	return strings.TrimSpace(line), err
}

func lookUp(arguments []string) (string, error) {
	addresses, err := net.LookupHost(arguments[0])
	return fmt.Sprint(len(addresses), " addresses: ", strings.Join(addresses, " ")), err
}

func appendLine(arguments []string) (string, error) {
	file, err := os.OpenFile(arguments[0], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return "", err
	}
	defer file.Close()
	_, err = fmt.Fprintln(file, arguments[1])
	return "appended", err
}

func read(arguments []string) (string, error) {
	content, err := os.ReadFile(arguments[0])
	return strings.TrimSpace(string(content)), err
}

// askAPIServer reads a path of the API as the pod's service account and returns the object's kind.
func askAPIServer(arguments []string) (string, error) {
	token, err := os.ReadFile(serviceAccount + "token")
	if err != nil {
		return "", err
	}
	authority, err := os.ReadFile(serviceAccount + "ca.crt")
	if err != nil {
		return "", err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	client := &http.Client{Transport: transport, Timeout: 5 * time.Second}
	request, err := http.NewRequest(http.MethodGet, "https://kubernetes.default.svc"+arguments[0], nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+string(token))
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	var object struct{ Kind, Message string }
	if err := json.Unmarshal(body, &object); err != nil {
		return "", err
	}
	return strings.TrimSpace(fmt.Sprint(response.StatusCode, " ", object.Kind, " ", object.Message)), nil
}
