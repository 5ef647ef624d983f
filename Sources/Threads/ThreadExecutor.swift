internal import CLinux
internal import Glibc

/// A serial executor that is one named thread: an actor on it may block in C without holding up the cooperative pool.
///
/// The thread lives until `shutDown()`, which the owning actor calls in its `deinit`; jobs enqueued before that still run.
package final class ThreadExecutor: SerialExecutor {
    private let queue: JobQueue

    /// - Parameter name: shown by `ps -L` and `perf`; the kernel keeps 15 bytes.
    package init(name: String) {
        queue = JobQueue()
        start(name: name)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        queue.append(UnownedJob(job))
    }

    /// Ends the thread once the jobs already enqueued have run.
    package func shutDown() {
        queue.close()
    }

    private func run() {
        while let job = queue.next() {
            unsafe job.runSynchronously(on: asUnownedSerialExecutor())
        }
    }

    private func start(name: String) {
        // The thread holds the executor, so that no job can outlive it.
        let boot = unsafe Unmanaged.passRetained(Boot(executor: self, name: name)).toOpaque()
        var thread = pthread_t()
        let result = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let boot = unsafe Unmanaged<Boot>.fromOpaque(argument).takeRetainedValue()
                unsafe boot.name.withCString { unsafe drainer_name_this_thread($0) }
                boot.executor.run()
                return nil
            },
            boot
        )
        // Without a thread nothing can be drained; there is no caller that could do better.
        precondition(result == 0, "cannot start thread \(name): error \(result)")
        pthread_detach(thread)
    }

    /// What a new thread is handed.
    private final class Boot {
        let executor: ThreadExecutor
        let name: String

        init(executor: ThreadExecutor, name: String) {
            self.executor = executor
            self.name = name
        }
    }
}

/// Jobs waiting for a thread.
///
/// `@unchecked`: every access to `jobs` and `isClosed` holds `mutex`, and both C objects live as long as the queue.
@safe
private final class JobQueue: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [UnownedJob] = []
    private var head = 0
    private var isClosed = false

    init() {
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe condition.initialize(to: pthread_cond_t())
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    func append(_ job: UnownedJob) {
        unsafe pthread_mutex_lock(mutex)
        jobs.append(job)
        unsafe pthread_cond_signal(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    func close() {
        unsafe pthread_mutex_lock(mutex)
        isClosed = true
        unsafe pthread_cond_signal(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Waits for a job; nil once the queue is closed and empty.
    func next() -> UnownedJob? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while head == jobs.count {
            jobs.removeAll(keepingCapacity: true)
            head = 0
            if isClosed { return nil }
            unsafe pthread_cond_wait(condition, mutex)
        }
        defer { head += 1 }
        return jobs[head]
    }
}
