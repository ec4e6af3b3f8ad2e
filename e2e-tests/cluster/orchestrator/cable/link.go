package cable

import (
	"errors"
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// largestFrame has room for what segmentation offload makes of a packet, and for the header that
// tells of it.
const largestFrame = 1<<16 + 64

// link sends and receives the raw frames of a network link. Each frame comes with the kernel's
// virtio header, so unfinished checksums and segments larger than the MTU arrive as they left.
type link struct{ socket int }

func openLink(name string) (link, error) {
	device, err := net.InterfaceByName(name)
	if err != nil {
		return link{}, fmt.Errorf("link %s: %w", name, err)
	}
	socket, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return link{}, fmt.Errorf("open a packet socket: %w", err)
	}
	address := unix.SockaddrLinklayer{Protocol: bigEndian(unix.ETH_P_ALL), Ifindex: device.Index}
	err = errors.Join(
		unix.SetsockoptInt(socket, unix.SOL_PACKET, unix.PACKET_VNET_HDR, 1),
		// Else it would hear itself, and a frame would go round for ever.
		unix.SetsockoptInt(socket, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1),
		unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 16<<20),
		unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, 16<<20),
		// Last: from here on frames arrive.
		unix.Bind(socket, &address),
	)
	if err != nil {
		return link{}, errors.Join(fmt.Errorf("listen on link %s: %w", name, err), unix.Close(socket))
	}
	return link{socket}, nil
}

func (l link) receive(buffer []byte) ([]byte, error) {
	for {
		length, err := unix.Read(l.socket, buffer)
		switch {
		case err == nil:
			return append([]byte(nil), buffer[:length]...), nil
		case !isPassing(err):
			return nil, err
		}
	}
}

// send gives up on a frame that the kernel does not take: networks lose frames.
func (l link) send(frame []byte) error {
	if _, err := unix.Write(l.socket, frame); err != nil && !isPassing(err) {
		return err
	}
	return nil
}

// isPassing tells an error that says nothing of the next frame: a link that is down for a while
// (somebody unplugged the node), a full queue, a frame that is too long.
func isPassing(err error) bool {
	for _, passing := range []error{unix.EINTR, unix.EAGAIN, unix.ENETDOWN, unix.ENOBUFS, unix.EMSGSIZE, unix.EINVAL} {
		if errors.Is(err, passing) {
			return true
		}
	}
	return false
}

func bigEndian(protocol uint16) uint16 { return protocol<<8 | protocol>>8 }
