package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// fan is watch for many watchers: each has a connection of its own, as so many processes would, and does no more than count
// the lines that come; one in twenty reads when its event was written. The writes go to -objects objects in turn.
func fan(a *api) result {
	for i := range *objects {
		a.do("POST", collection(), "application/json", body(i))
	}
	var ready, done sync.WaitGroup
	var lines, received, failed, begun atomic.Int64
	var mu sync.Mutex
	var delays []time.Duration
	before := pss()
	config := a.pool[0].Transport.(*http.Transport).TLSClientConfig
	gate := make(chan bool, 64)
	var open []func()
	for i := range *workers {
		ready.Add(1)
		done.Add(1)
		transport := &http.Transport{TLSClientConfig: config.Clone(), ForceAttemptHTTP2: !*http1, DisableCompression: true, ReadBufferSize: 16 << 10, WriteBufferSize: 1 << 10}
		transport.TLSClientConfig.NextProtos = nil
		if *http1 {
			transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
		}
		req, err := http.NewRequest("GET", a.server+collection()+"?watch=true&resourceVersion=0", nil)
		must(err)
		if a.token != "" {
			req.Header.Set("Authorization", "Bearer "+a.token)
		}
		go func() {
			defer done.Done()
			gate <- true
			resp, err := (&http.Client{Transport: transport}).Do(req)
			<-gate
			if err != nil || resp.StatusCode != 200 {
				failed.Add(1)
				ready.Done()
				return
			}
			mu.Lock()
			open = append(open, func() { resp.Body.Close() })
			mu.Unlock()
			ready.Done()
			buffer := make([]byte, 16<<10)
			var mine []time.Duration
			for {
				n, err := resp.Body.Read(buffer)
				if err != nil {
					mu.Lock()
					delays = append(delays, mine...)
					mu.Unlock()
					return
				}
				received.Add(int64(n))
				lines.Add(int64(bytes.Count(buffer[:n], []byte{'\n'})))
				if i%20 != 0 {
					continue
				}
				now := time.Now().UnixNano()
				for rest := buffer[:n]; ; {
					at := bytes.Index(rest, []byte(`"at":"`))
					if at < 0 || at+25 > len(rest) {
						break
					}
					if written, err := strconv.ParseInt(string(rest[at+6:at+25]), 10, 64); err == nil && written >= begun.Load() {
						mine = append(mine, time.Duration(now-written))
					}
					rest = rest[at+25:]
				}
			}
		}()
	}
	ready.Wait()
	time.Sleep(time.Second)
	opened := pss()
	lines.Store(0)
	received.Store(0)
	started, cpuBefore = time.Now(), cpuSeconds()
	own := ownCPU()
	// An open loop: a server that falls behind is not given less to do.
	var writes atomic.Int64
	var writers sync.WaitGroup
	start, asked := time.Now(), 0
	begun.Store(start.UnixNano())
	for *rate > 0 && time.Since(start) < time.Duration(*seconds)*time.Second {
		at := collection() + "/" + name(asked%*objects)
		b := []byte(fmt.Sprintf(`{"metadata":{"annotations":{"at":"%d"}}}`, time.Now().UnixNano()))
		writers.Add(1)
		go func() {
			defer writers.Done()
			if code, _ := a.do("PATCH", at, "application/merge-patch+json", b); code == 200 {
				writes.Add(1)
			}
		}()
		asked++
		time.Sleep(time.Until(start.Add(time.Duration(asked) * time.Second / time.Duration(*rate))))
	}
	writers.Wait()
	want := writes.Load() * int64(*workers)
	for end := time.Now().Add(20 * time.Second); lines.Load() < want && time.Now().Before(end); {
		time.Sleep(2 * time.Millisecond)
	}
	wall := time.Since(start)
	cpu, client := cpuSeconds()-cpuBefore, ownCPU()-own
	for _, end := range open {
		end()
	}
	done.Wait()
	r := latencies(delays, wall)
	delete(r, "ops")
	r["watchers"], r["writes"], r["missing"], r["failed"] = *workers, writes.Load(), want-lines.Load(), failed.Load()
	r["per_s"], r["mib_per_s"] = round(float64(lines.Load())/wall.Seconds()), round(float64(received.Load())/(1<<20)/wall.Seconds())
	r["server_cpu_us_per_event"], r["client_cpu_s"] = round(cpu*1e6/float64(max(1, lines.Load()))), round(client)
	r["kib_per_watch"] = round((opened - before) * 1024 / float64(*workers))
	return r
}
