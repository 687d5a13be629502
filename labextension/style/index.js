import './banner.css';
