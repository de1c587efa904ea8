import { MongoClient } from 'mongodb';
import { testStores, uniqueName } from './stores.js';

/** A private MongoDB database. */
export interface TestMongoDatabase {
  url: string;
  drop(): Promise<void>;
}

/** A fresh, empty MongoDB database. */
export function createTestMongoDatabase(): TestMongoDatabase {
  const url = new URL(testStores().TEST_MONGODB_URL);
  url.pathname = `/${uniqueName('test')}`;
  return {
    url: url.toString(),
    drop: async () => {
      const client = await MongoClient.connect(url.toString());
      try {
        await client.db().dropDatabase();
      } finally {
        await client.close();
      }
    },
  };
}
