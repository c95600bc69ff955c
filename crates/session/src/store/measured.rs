//! A store whose operations are counted and timed, and whose going down and coming back is logged.
//!
//! [`MeasuredStore`] wraps any store; stores of one kind share a [`StoreMeter`], which whoever shows metrics
//! reads. Measuring takes two looks at the clock and three additions, no lock. An outage is one line in the
//! log when it begins and one when it is over, however many requests meet it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::*;

/// The upper bounds of the time buckets in microseconds; what takes longer is in one more.
pub const STORE_BUCKETS: [u64; 8] = [10, 30, 100, 300, 1_000, 10_000, 100_000, 1_000_000];

/// What a store can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreOperation {
    /// [`SessionStore::create`].
    Create,
    /// [`SessionStore::load`].
    Load,
    /// [`SessionStore::merge`].
    Merge,
    /// [`SessionStore::visit`].
    Visit,
    /// [`SessionStore::update`].
    Update,
    /// [`SessionStore::touch`].
    Touch,
    /// [`SessionStore::delete`].
    Delete,
    /// [`SessionStore::rotate`].
    Rotate,
    /// [`SessionStore::kill`].
    Kill,
    /// [`SessionStore::list`] and [`SessionStore::list_part`].
    List,
    /// [`SessionStore::sweep`].
    Sweep,
}

impl StoreOperation {
    /// All of them, in the order of their numbers.
    pub const ALL: [StoreOperation; 11] = [
        StoreOperation::Create,
        StoreOperation::Load,
        StoreOperation::Merge,
        StoreOperation::Visit,
        StoreOperation::Update,
        StoreOperation::Touch,
        StoreOperation::Delete,
        StoreOperation::Rotate,
        StoreOperation::Kill,
        StoreOperation::List,
        StoreOperation::Sweep,
    ];

    /// Its name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            StoreOperation::Create => "create",
            StoreOperation::Load => "load",
            StoreOperation::Merge => "merge",
            StoreOperation::Visit => "visit",
            StoreOperation::Update => "update",
            StoreOperation::Touch => "touch",
            StoreOperation::Delete => "delete",
            StoreOperation::Rotate => "rotate",
            StoreOperation::Kill => "kill",
            StoreOperation::List => "list",
            StoreOperation::Sweep => "sweep",
        }
    }
}

/// Counters of all stores of one kind.
#[derive(Debug, Default)]
pub struct StoreMeter {
    operations: [Counters; StoreOperation::ALL.len()],
    down: AtomicU64,
}

#[derive(Debug, Default)]
struct Counters {
    errors: AtomicU64,
    nanos: AtomicU64,
    times: [AtomicU64; STORE_BUCKETS.len() + 1],
}

/// What was counted of one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measured {
    /// How often the store was down for it.
    pub errors: u64,
    /// How long it took, all together.
    pub total: Duration,
    /// How often it took at most so long, by [`STORE_BUCKETS`] and beyond; together the number of operations.
    pub times: [u64; STORE_BUCKETS.len() + 1],
}

impl StoreMeter {
    /// What was counted of an operation.
    pub fn of(&self, operation: StoreOperation) -> Measured {
        let Some(counters) = self.operations.get(operation as usize) else {
            return Measured::default();
        };
        let mut times = [0; STORE_BUCKETS.len() + 1];
        for (time, counter) in times.iter_mut().zip(&counters.times) {
            *time = counter.load(Ordering::Relaxed);
        }
        Measured {
            errors: counters.errors.load(Ordering::Relaxed),
            total: Duration::from_nanos(counters.nanos.load(Ordering::Relaxed)),
            times,
        }
    }

    /// How many stores of this kind are down.
    pub fn stores_down(&self) -> u64 {
        self.down.load(Ordering::Relaxed)
    }

    fn note(&self, operation: StoreOperation, took: Duration, failed: bool) {
        let Some(counters) = self.operations.get(operation as usize) else {
            return;
        };
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = STORE_BUCKETS
            .iter()
            .position(|bound| micros <= *bound)
            .unwrap_or(STORE_BUCKETS.len());
        if let Some(counter) = counters.times.get(bucket) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        counters.nanos.fetch_add(nanos, Ordering::Relaxed);
        if failed {
            counters.errors.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A store that is measured.
pub struct MeasuredStore<S: ?Sized> {
    store: Arc<S>,
    place: String,
    meter: Arc<StoreMeter>,
    is_down: AtomicBool,
}

impl<S: SessionStore + ?Sized> MeasuredStore<S> {
    /// Measures a store. The log names it by `place`, in which no password may stand.
    pub fn new(store: Arc<S>, place: impl Into<String>, meter: Arc<StoreMeter>) -> MeasuredStore<S> {
        MeasuredStore {
            store,
            place: place.into(),
            meter,
            is_down: AtomicBool::new(false),
        }
    }

    /// Counts a finished operation and hands its result on.
    fn note<T, E: Trouble>(
        &self,
        operation: StoreOperation,
        begun: Instant,
        result: Result<T, E>,
    ) -> Result<T, E> {
        let trouble = result.as_ref().err().and_then(Trouble::of_store);
        self.meter.note(operation, begun.elapsed(), trouble.is_some());
        if trouble.is_some() != self.is_down.load(Ordering::Relaxed) {
            self.tell_change(trouble);
        }
        result
    }

    /// The store went down or came back: whoever sees it first says so.
    #[cold]
    fn tell_change(&self, trouble: Option<&StoreError>) {
        let was_down = self.is_down.swap(trouble.is_some(), Ordering::Relaxed);
        let place = self.place.as_str();
        match trouble {
            Some(error) if !was_down => {
                self.meter.down.fetch_add(1, Ordering::Relaxed);
                tracing::error!(place, %error, "a session store went down; guests read on, nobody is logged out");
            }
            None if was_down => {
                self.meter.down.fetch_sub(1, Ordering::Relaxed);
                tracing::warn!(place, "the session store answers again");
            }
            _ => {}
        }
    }
}

impl<S: ?Sized> Drop for MeasuredStore<S> {
    fn drop(&mut self) {
        if self.is_down.load(Ordering::Relaxed) {
            self.meter.down.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// An error that may be the store's being down.
trait Trouble {
    fn of_store(&self) -> Option<&StoreError>;
}

impl Trouble for StoreError {
    fn of_store(&self) -> Option<&StoreError> {
        Some(self)
    }
}

macro_rules! troubles {
    ($($error:ident)*) => {
        $(impl Trouble for $error {
            fn of_store(&self) -> Option<&StoreError> {
                match self {
                    $error::Store(error) => Some(error),
                    _ => None,
                }
            }
        })*
    };
}
troubles!(CreateError MergeError TouchError RotateError);

#[async_trait]
impl<S: SessionStore + ?Sized> SessionStore for MeasuredStore<S> {
    async fn create(&self, key: &StoreKey, record: &Record, now: Timestamp) -> Result<(), CreateError> {
        let begun = Instant::now();
        let result = self.store.create(key, record, now).await;
        self.note(StoreOperation::Create, begun, result)
    }

    async fn load(&self, key: &StoreKey, realm: &Realm, now: Timestamp) -> Result<Loaded, StoreError> {
        let begun = Instant::now();
        let result = self.store.load(key, realm, now).await;
        self.note(StoreOperation::Load, begun, result)
    }

    async fn merge(
        &self,
        key: &StoreKey,
        realm: &Realm,
        delta: &Delta,
        usage: Option<Usage>,
        now: Timestamp,
    ) -> Result<(), MergeError> {
        let begun = Instant::now();
        let result = self.store.merge(key, realm, delta, usage, now).await;
        self.note(StoreOperation::Merge, begun, result)
    }

    async fn visit(
        &self,
        key: &StoreKey,
        realm: &Realm,
        delta: &Delta,
        now: Timestamp,
    ) -> Result<(), MergeError> {
        let begun = Instant::now();
        let result = self.store.visit(key, realm, delta, now).await;
        self.note(StoreOperation::Visit, begun, result)
    }

    async fn update(
        &self,
        key: &StoreKey,
        realm: &Realm,
        name: &str,
        change: &Change,
        now: Timestamp,
    ) -> Result<Option<Value>, MergeError> {
        let begun = Instant::now();
        let result = self.store.update(key, realm, name, change, now).await;
        self.note(StoreOperation::Update, begun, result)
    }

    async fn touch(
        &self,
        key: &StoreKey,
        realm: &Realm,
        usage: Usage,
        now: Timestamp,
    ) -> Result<(), TouchError> {
        let begun = Instant::now();
        let result = self.store.touch(key, realm, usage, now).await;
        self.note(StoreOperation::Touch, begun, result)
    }

    async fn delete(&self, key: &StoreKey, realm: &Realm, now: Timestamp) -> Result<bool, StoreError> {
        let begun = Instant::now();
        let result = self.store.delete(key, realm, now).await;
        self.note(StoreOperation::Delete, begun, result)
    }

    async fn rotate(&self, rotation: Rotation<'_>, now: Timestamp) -> Result<(), RotateError> {
        let begun = Instant::now();
        let result = self.store.rotate(rotation, now).await;
        self.note(StoreOperation::Rotate, begun, result)
    }

    async fn kill(&self, realm: &Realm, whom: Kill<'_>, now: Timestamp) -> Result<u64, StoreError> {
        let begun = Instant::now();
        let result = self.store.kill(realm, whom, now).await;
        self.note(StoreOperation::Kill, begun, result)
    }

    async fn list(
        &self,
        realm: &Realm,
        user_id: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<SessionSummary>, StoreError> {
        let begun = Instant::now();
        let result = self.store.list(realm, user_id, now).await;
        self.note(StoreOperation::List, begun, result)
    }

    async fn list_part(
        &self,
        realm: &Realm,
        user_id: Option<&str>,
        skip: usize,
        most: usize,
        now: Timestamp,
    ) -> Result<ListPart, StoreError> {
        let begun = Instant::now();
        let result = self.store.list_part(realm, user_id, skip, most, now).await;
        self.note(StoreOperation::List, begun, result)
    }

    async fn end_surplus_guests(
        &self,
        realm: &Realm,
        most: usize,
        budget: usize,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let begun = Instant::now();
        let result = self.store.end_surplus_guests(realm, most, budget, now).await;
        self.note(StoreOperation::Sweep, begun, result)
    }

    async fn sweep(&self, now: Timestamp, budget: usize) -> Result<Swept, StoreError> {
        let begun = Instant::now();
        let result = self.store.sweep(now, budget).await;
        self.note(StoreOperation::Sweep, begun, result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handler::tests::WatchedStore;
    use crate::store::acceptance::{at, guest_at, key, realm, run, set};

    fn measured() -> (Arc<StoreMeter>, MeasuredStore<WatchedStore>) {
        let meter = Arc::new(StoreMeter::default());
        let store = MeasuredStore::new(Arc::<WatchedStore>::default(), "/s", Arc::clone(&meter));
        (meter, store)
    }

    fn count(meter: &StoreMeter, operation: StoreOperation) -> (u64, u64) {
        let measured = meter.of(operation);
        (measured.times.iter().sum(), measured.errors)
    }

    fn in_memory() -> ((), Arc<dyn SessionStore>) {
        let store = MeasuredStore::new(Arc::new(MemorySessionStore::new()), "memory", Arc::default());
        ((), Arc::new(store))
    }

    crate::acceptance_tests!(in_memory);

    #[test]
    fn operations_are_counted_each_as_what_it_is() {
        let (meter, store) = measured();
        run(async {
            store.create(&key(1), &guest_at(0), at(0)).await.unwrap();
            for _ in 0..3 {
                store.load(&key(1), &realm(), at(0)).await.unwrap();
            }
            store
                .merge(&key(9), &realm(), &set("a", 1), None, at(0))
                .await
                .unwrap_err();
            store.list_part(&realm(), None, 0, 1, at(0)).await.unwrap();
        });
        assert_eq!(count(&meter, StoreOperation::Create), (1, 0));
        assert_eq!(count(&meter, StoreOperation::Load), (3, 0));
        assert_eq!(count(&meter, StoreOperation::Merge), (1, 0), "gone is no error");
        assert_eq!(count(&meter, StoreOperation::List), (1, 0));
        assert_eq!(count(&meter, StoreOperation::Sweep), (0, 0));
        assert!(meter.of(StoreOperation::Load).total > Duration::ZERO);
    }

    #[test]
    fn each_operation_has_a_counter_of_its_own() {
        for (number, operation) in StoreOperation::ALL.into_iter().enumerate() {
            assert_eq!(operation as usize, number, "{}", operation.name());
        }
    }

    #[test]
    fn an_outage_is_counted_by_request_and_shown_as_one_store() {
        let (meter, store) = measured();
        let load = || run(store.load(&key(1), &realm(), at(0))).is_ok();
        assert!(load());
        store.store.unplug(true);
        assert!(!load() && !load());
        assert_eq!(
            (count(&meter, StoreOperation::Load), meter.stores_down()),
            ((3, 2), 1)
        );
        store.store.unplug(false);
        assert!(load());
        assert_eq!(
            (count(&meter, StoreOperation::Load), meter.stores_down()),
            ((4, 2), 0)
        );
    }

    #[test]
    fn a_store_that_is_forgotten_while_down_is_not_down_for_ever() {
        let (meter, store) = measured();
        store.store.unplug(true);
        assert!(run(store.sweep(at(0), 1)).is_err());
        assert_eq!(meter.stores_down(), 1);
        drop(store);
        assert_eq!(meter.stores_down(), 0);
    }
}
