-- A database for each service that has one. PostgreSQL runs this when its volume is empty.
create database casewire_cases;
create database casewire_subscriptions;
create database casewire_catalog;
create database casewire_delivery;
create database casewire_orders;
