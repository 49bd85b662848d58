import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Fetches the files of releases over HTTPS.
public struct URLSessionTransport: ReleaseTransport {
    private let timeout: TimeInterval
    /// Of tests alone: http, to this machine.
    private let allowsLoopback: Bool

    /// - Parameter timeout: Seconds without an answer.
    public init(timeout: TimeInterval = 60) {
        self.init(timeout: timeout, allowsLoopback: false)
    }

    init(timeout: TimeInterval, allowsLoopback: Bool) {
        self.timeout = timeout
        self.allowsLoopback = allowsLoopback
    }

    public func fetch(_ url: URL, atMost limit: Int) async throws -> Data {
        guard isAllowed(url) else { throw StoreError.notSecure(url.absoluteString) }
        // No cache: a release is asked for to know whether there is a newer one.
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = timeout
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        let fetching = Fetching(url, limit: limit) { isAllowed($0) }
        let session = URLSession(
            configuration: configuration, delegate: fetching, delegateQueue: nil)
        defer { session.invalidateAndCancel() }
        let task = session.dataTask(with: url)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                fetching.begin(continuation)
                task.resume()
            }
        } onCancel: {
            task.cancel()
        }
    }

    private func isAllowed(_ url: URL) -> Bool {
        url.scheme == "https" || (allowsLoopback && url.scheme == "http" && url.host == "127.0.0.1")
    }
}

/// Gathers the bytes of an answer, and stops where there are too many.
private final class Fetching: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    private let url: URL
    private let limit: Int
    private let isAllowed: @Sendable (URL) -> Bool
    private let lock = NSLock()
    private var data = Data()
    private var failure: StoreError?
    private var continuation: CheckedContinuation<Data, any Error>?

    init(_ url: URL, limit: Int, isAllowed: @escaping @Sendable (URL) -> Bool) {
        self.url = url
        self.limit = limit
        self.isAllowed = isAllowed
    }

    func begin(_ continuation: CheckedContinuation<Data, any Error>) {
        lock.withLock { self.continuation = continuation }
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        let status = (response as? HTTPURLResponse)?.statusCode ?? 200
        let isTold = response.expectedContentLength > Int64(limit)
        guard status == 200, !isTold else {
            let address = url.absoluteString
            lock.withLock {
                let now: StoreError =
                    status == 200
                    ? .tooLong(address, limit: limit) : .server(address, status: status)
                failure = failure ?? now
            }
            return completionHandler(.cancel)
        }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive more: Data) {
        let isOver = lock.withLock {
            if data.count + more.count > limit {
                failure = failure ?? .tooLong(url.absoluteString, limit: limit)
                return true
            }
            data.append(more)
            return false
        }
        guard isOver else { return }
        dataTask.cancel()
        finish(nil)  // at once, whatever else comes
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        if let to = request.url, !isAllowed(to) {
            lock.withLock { failure = .notSecure(to.absoluteString) }
            return completionHandler(nil)
        }
        completionHandler(request)
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
    ) {
        finish(error)
    }

    private func finish(_ error: (any Error)?) {
        let (waiting, result) = lock.withLock {
            let waiting = continuation
            continuation = nil
            guard let problem: any Error = failure ?? error else {
                return (waiting, Result<Data, any Error>.success(data))
            }
            return (waiting, .failure(problem))
        }
        waiting?.resume(with: result)
    }
}
